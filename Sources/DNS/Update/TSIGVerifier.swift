/// Verifies the signed answers to one signed request: one message, or the many of a transfer (RFC 8945 §5.3).
package struct TSIGVerifier: Sendable {
    private let key: TSIGKey
    private var previousMAC: [UInt8]
    private var isFirst = true
    /// Whole messages since the last signed one; each stands in the next digest.
    private var pending: [UInt8] = []
    private var unsigned = 0
    private let now: UInt64

    /// A verifier for the answers to a request that was signed with `requestMAC`.
    package init(key: TSIGKey, requestMAC: [UInt8], now: UInt64) {
        self.key = key
        previousMAC = requestMAC
        self.now = now
    }

    /// Takes the next message and gives it back without its TSIG record.
    package mutating func next(_ octets: [UInt8]) throws(TSIGError) -> [UInt8] {
        guard let signed = try SignedMessage(octets) else {
            guard !isFirst else { throw .unsigned }
            unsigned += 1
            guard unsigned <= 99 else { throw .unsignedTransfer }
            pending += octets
            return octets
        }
        try check(signed)
        return signed.message
    }

    /// To be called after the last message: it must have been signed.
    package func finish() throws(TSIGError) {
        if !pending.isEmpty { throw .unsignedTransfer }
    }

    private mutating func check(_ signed: SignedMessage) throws(TSIGError) {
        switch signed.error {
        case 16: throw .badSignature
        case 17: throw .badKey
        case 22: throw .truncated
        default: break
        }
        guard signed.keyName == key.name, signed.algorithm == key.algorithm.wireName else {
            throw .otherKey(signed.keyName.description)
        }
        // §5.2.2.1: we never ask for a truncated MAC, so we take none.
        var digest = TSIG.octets(UInt16(previousMAC.count)) + previousMAC + pending + signed.message
        digest +=
            isFirst
            ? TSIG.variables(key: key, time: signed.time, fudge: signed.fudge, error: signed.error, other: signed.other)
            : TSIG.timers(time: signed.time, fudge: signed.fudge)
        guard key.isMAC(signed.mac, over: digest) else { throw .badSignature }
        if signed.error == 18 {
            let server = signed.other.count == 6 ? signed.other.reduce(UInt64(0)) { $0 << 8 | UInt64($1) } : nil
            throw .badTime(server: server, ours: now)
        }
        let distance = signed.time > now ? signed.time - now : now - signed.time
        guard distance <= UInt64(signed.fudge) else { throw .badTime(server: signed.time, ours: now) }
        previousMAC = signed.mac
        pending = []
        unsigned = 0
        isFirst = false
    }
}

/// A message taken apart at its TSIG record, which is the last of the additional section.
struct SignedMessage {
    /// The message as it was digested: without TSIG, with the original id.
    var message: [UInt8]
    var keyName: DomainName
    var algorithm: [UInt8]
    var time: UInt64
    var fudge: UInt16
    var mac: [UInt8]
    var error: UInt16
    var other: [UInt8]

    /// `nil` when there is no TSIG record.
    init?(_ octets: [UInt8]) throws(TSIGError) {
        guard let start = try Self.lastRecord(octets) else { return nil }
        do throws(WireError) {
            var reader = WireReader(octets)
            _ = try reader.bytes(start)
            keyName = try reader.name()
            guard try reader.uint16() == RecordType.tsig.rawValue else { return nil }
            // RFC 8945 §4.2: class ANY, TTL 0; what is not digested must be exact, or a forger could change it.
            guard try reader.uint16() == 255, try reader.uint32() == 0, Int(try reader.uint16()) == reader.remaining
            else {
                throw WireError(.badData, at: reader.offset)
            }
            algorithm = try reader.name().canonicalWire
            time = UInt64(try reader.uint16()) << 32 | UInt64(try reader.uint32())
            fudge = try reader.uint16()
            mac = try reader.bytes(Int(try reader.uint16()))
            let original = try reader.bytes(2)
            error = try reader.uint16()
            other = try reader.bytes(Int(try reader.uint16()))
            guard reader.remaining == 0 else { throw WireError(.trailing, at: reader.offset) }
            message = Array(octets[..<start])
            message.replaceSubrange(0..<2, with: original)
            let count = (UInt16(octets[10]) << 8 | UInt16(octets[11])) &- 1
            message[10] = UInt8(count >> 8)
            message[11] = UInt8(count & 255)
        } catch {
            throw .malformed
        }
    }

    /// Where the last additional record begins; `nil` when there is none.
    private static func lastRecord(_ octets: [UInt8]) throws(TSIGError) -> Int? {
        do throws(WireError) {
            var reader = WireReader(octets)
            _ = try reader.bytes(4)
            let counts = [try reader.uint16(), try reader.uint16(), try reader.uint16(), try reader.uint16()].map(
                Int.init)
            for _ in 0..<counts[0] {
                _ = try reader.name()
                _ = try reader.bytes(4)
            }
            var start: Int?
            for index in 0..<(counts[1] + counts[2] + counts[3]) {
                if index >= counts[1] + counts[2] { start = reader.offset }
                _ = try reader.name()
                _ = try reader.bytes(8)
                _ = try reader.bytes(Int(try reader.uint16()))
            }
            return start
        } catch {
            throw .malformed
        }
    }
}
