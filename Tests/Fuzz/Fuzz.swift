/// libFuzzer's entry: any octets go through every decoder that a stranger can reach. What decodes must encode and decode again.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> Int32 {
    let octets = Array(UnsafeBufferPointer(start: start, count: count))
    guard let kind = octets.first else { return 0 }
    let rest = Array(octets.dropFirst())
    if kind & 3 == 2 {
        fuzzSignature(rest)
    } else if kind & 3 == 3 {
        fuzzOwnSignature(rest)
    } else if kind & 1 == 0 {
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

/// Two answers of a stranger, who has no key: none of them may count. The first two octets say how long the first one is.
private func fuzzSignature(_ octets: [UInt8]) {
    guard octets.count > 2, let key = fuzzKey else { return }
    let length = min(Int(octets[0]) << 8 | Int(octets[1]), octets.count - 2)
    var verifier = TSIGVerifier(key: key, requestMAC: [1, 2, 3], now: 1_735_689_600)
    let parts = [Array(octets[2..<2 + length]), Array(octets[(2 + length)...])]
    for part in parts where (try? verifier.next(part)) != nil { abortFuzz() }
}

/// What we sign ourselves, of any octets that are a message, must verify and come back as it was; with one bit turned it must not.
private func fuzzOwnSignature(_ octets: [UInt8]) {
    guard octets.count > 2, let key = fuzzKey else { return }
    let turn = Int(octets[0]) << 8 | Int(octets[1])
    let message = Array(octets[2...])
    guard message.count >= 12, (try? Message(decoding: message)) != nil else { return }
    let time: UInt64 = 1_735_689_600
    let mac: [UInt8] = [7]
    guard let signed = try? answer(message, key: key, time: time, after: mac) else { return }
    // One that is signed already, or has no room to count the record, is none of ours.
    if (try? Message(decoding: signed)) == nil { return }
    var verifier = TSIGVerifier(key: key, requestMAC: mac, now: time)
    guard let back = try? verifier.next(signed) else { abortFuzz() }
    if back != message { abortFuzz() }
    var spoilt = signed
    spoilt[turn / 8 % spoilt.count] ^= 1 << UInt8(turn % 8)
    var other = TSIGVerifier(key: key, requestMAC: mac, now: time)
    // A name's case is not digested; all else is.
    if let taken = try? other.next(spoilt), taken != message { abortFuzz() }
}

/// A signed answer as a server makes it: digested after the request's MAC (RFC 8945 section 5.3).
private func answer(_ message: [UInt8], key: TSIGKey, time: UInt64, after mac: [UInt8]) throws -> [UInt8] {
    let digest =
        TSIG.octets(UInt16(mac.count)) + mac + message
        + TSIG.variables(key: key, time: time, fudge: TSIG.fudge, error: 0, other: [])
    var signed = try TSIG.sign(message, key: key, time: time).octets
    let own = key.mac(over: digest)
    signed.replaceSubrange((signed.count - 6 - own.count)..<(signed.count - 6), with: own)
    return signed
}

private let fuzzKey = (try? DomainName("k")).map { TSIGKey(name: $0, algorithm: .hmacSHA256, secret: Array(0..<32)) }

/// A trap is what libFuzzer sees.
private func abortFuzz() -> Never { preconditionFailure("an invariant does not hold") }
