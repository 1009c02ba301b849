/// libFuzzer's entry: any octets go through every decoder that a stranger can reach. What decodes must encode and decode again.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> Int32 {
    let octets = Array(UnsafeBufferPointer(start: start, count: count))
    guard let kind = octets.first else { return 0 }
    let rest = Array(octets.dropFirst())
    if kind & 1 == 0 {
        if let message = try? Message(decoding: rest), let encoded = try? message.encoded() {
            guard let again = try? Message(decoding: encoded) else { abortFuzz() }
            if again != message { abortFuzz() }
        }
    } else if let file = try? MasterFile(parsing: rest, origin: .root) {
        let keys = Set(file.recordSets.keys.filter { $0.type == .txt })
        if let edited = try? file.replacing(keys, with: []), let again = try? MasterFile(parsing: edited, origin: .root)
        {
            if !Set(again.recordSets.keys).isDisjoint(with: keys) { abortFuzz() }
        }
    }
    return 0
}

/// A trap is what libFuzzer sees.
private func abortFuzz() -> Never { preconditionFailure("an invariant does not hold") }
