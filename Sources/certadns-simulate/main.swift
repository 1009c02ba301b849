import Simulation

/// `certadns-simulate [SCHEDULES [FIRST-SEED]]`: runs schedules on all cores, then each mutant until it is caught.
@main
struct Main {
    static func main() async {
        let arguments = CommandLine.arguments.dropFirst().compactMap(UInt64.init)
        let count = arguments.first ?? 20_000
        let first = arguments.dropFirst().first ?? 0
        print(await Campaign(first: first, count: count).report())
    }
}
