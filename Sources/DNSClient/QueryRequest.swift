import DNS

/// One question as it goes out, and what counts as its answer: the same whether it travels by UDP or TCP.
struct QueryRequest: Sendable {
    let question: Message.Question
    let recursionDesired: Bool
    let key: TSIGKey?
    /// Unix seconds.
    let now: UInt64

    /// A query on its way.
    struct Sent: Sendable {
        let id: UInt16
        let octets: [UInt8]
        /// What the answer's signature is digested with.
        let mac: [UInt8]?
    }

    func encoded(id: UInt16) throws -> Sent {
        var flags = Message.Flags()
        flags.recursionDesired = recursionDesired
        let bare = try Message(id: id, flags: flags, questions: [question], edns: Message.EDNS(payload: 1232)).encoded()
        guard let key else { return Sent(id: id, octets: bare, mac: nil) }
        let signed = try TSIG.sign(bare, key: key, time: now)
        return Sent(id: id, octets: signed.octets, mac: signed.mac)
    }

    /// The answer that `octets` hold; `nil` when they are something else, perhaps a forgery: the true answer may still come.
    func answer(_ octets: [UInt8], to sent: Sent) -> Message? {
        guard let message = try? Message(decoding: octets), message.id == sent.id, message.flags.isResponse else {
            return nil
        }
        let isRefusal = message.flags.rcode != .noError
        guard message.questions == [question] || message.questions.isEmpty && isRefusal else { return nil }
        guard let key, let mac = sent.mac else { return message }
        var verifier = TSIGVerifier(key: key, requestMAC: mac, now: now)
        do throws(TSIGError) { _ = try verifier.next(octets) } catch {
            // A server that does not take our key can't sign its refusal, which proves nothing and grants nothing.
            return isRefusal && message.flags.rcode != .nxDomain ? message : nil
        }
        return message
    }
}
