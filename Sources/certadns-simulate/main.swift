import Foundation
import Simulation

// `certadns-simulate [SCHEDULES [FIRST-SEED]]`: runs schedules on all cores, then each mistake until it is caught. Ends with 1 where a rule
// broke, a mistake went uncaught, or something was never met.
let numbers = CommandLine.arguments.dropFirst().compactMap { UInt64($0) }
let (text, isGood) = await Campaign(first: numbers.dropFirst().first ?? 0, count: numbers.first ?? 20_000).report()
print(text)
exit(isGood ? 0 : 1)
