import DNS

/// Collects the messages of one AXFR answer: it begins and ends with the zone's SOA (RFC 5936 §2.2).
struct TransferReading {
    private var verifier: TSIGVerifier?
    private let id: UInt16
    private var records: [ResourceRecord] = []
    /// More than any zone with mail needs, and little enough to hold.
    private static let limit = 2_000_000

    init(key: TSIGKey?, requestMAC: [UInt8]?, now: UInt64, id: UInt16) {
        self.id = id
        if let key, let requestMAC { verifier = TSIGVerifier(key: key, requestMAC: requestMAC, now: now) }
    }

    /// Takes a message; `true` when the closing SOA has come.
    mutating func take(_ octets: [UInt8]) throws -> Bool {
        let bare = try verifier?.next(octets) ?? octets
        let message = try Message(decoding: bare)
        guard message.id == id, message.flags.isResponse else {
            throw DNSClientError.brokenTransfer("a message of another answer")
        }
        guard message.flags.rcode == .noError else { throw DNSClientError.refused(message.flags.rcode) }
        records += message.answers.compactMap(\.record)
        guard records.count <= Self.limit else {
            throw DNSClientError.brokenTransfer("more than \(Self.limit) records")
        }
        guard case .soa? = records.first?.data else {
            throw DNSClientError.brokenTransfer("it does not begin with an SOA")
        }
        return records.count > 1 && records.last?.data == records.first?.data
    }

    /// The records without the closing SOA.
    func finish() throws -> [ResourceRecord] {
        try verifier?.finish()
        return Array(records.dropLast())
    }
}
