import DNS

/// Collects the messages of one AXFR answer: it begins and ends with the zone's SOA (RFC 5936 §2.2).
struct TransferReading {
    private var verifier: TSIGVerifier?
    private let id: UInt16
    private var records: [ResourceRecord] = []
    private var octets = 0
    private let limit: Int

    /// `limit` is in octets of all messages together: what arrives is what it costs to hold, whatever the records are.
    init(key: TSIGKey?, requestMAC: [UInt8]?, now: UInt64, id: UInt16, limit: Int) {
        self.id = id
        self.limit = limit
        if let key, let requestMAC { verifier = TSIGVerifier(key: key, requestMAC: requestMAC, now: now) }
    }

    /// Takes a message; `true` when the closing SOA has come.
    mutating func take(_ octets: [UInt8]) throws -> Bool {
        self.octets += octets.count
        guard self.octets <= limit else {
            throw DNSClientError.brokenTransfer("it has more than \(limit) octets; read the zone by queries")
        }
        let bare = try verifier?.next(octets) ?? octets
        let message = try Message(decoding: bare)
        guard message.id == id, message.flags.isResponse else {
            throw DNSClientError.brokenTransfer("a message of another answer")
        }
        guard message.flags.rcode == .noError else { throw DNSClientError.refused(message.flags.rcode) }
        records += message.answers.compactMap(\.record)
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
