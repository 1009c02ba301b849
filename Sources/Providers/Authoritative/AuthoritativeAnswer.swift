import DNS

/// What a server's answer says of one record set, if the server is the one to say it.
enum AuthoritativeAnswer {
    /// The set asked for, or the alias that stands in its place.
    case set(RecordSet)
    case absent
    /// The answer proves nothing: why.
    case unusable(String)

    init(_ message: Message, key: RecordKey) {
        switch message.flags.rcode {
        case .noError, .nxDomain: break
        case .refused:
            self = .unusable("refuses to answer for \(key.name) (REFUSED): is the zone configured there?")
            return
        case .servFail:
            self = .unusable(
                "answered SERVFAIL for \(key): it could not load the zone, or it expired there; look at its log")
            return
        default:
            self = .unusable("answered \(message.flags.rcode) for \(key)")
            return
        }
        guard message.flags.isAuthoritative else {
            let child = message.authorities.first { $0.type == .ns }?.name
            self = .unusable(
                child.map { "delegates \($0) to other servers, so it can't say what stands at \(key.name)" }
                    ?? "is not authoritative for \(key.name)")
            return
        }
        let here = RecordSet.grouping(message.answers.compactMap(\.record).filter { $0.name == key.name })
        // Where an alias stands, it is the answer to every question (RFC 1034 §3.6.2).
        if let set = here[key] ?? here[RecordKey(name: key.name, type: .cname)] {
            self = .set(set)
        } else {
            self = .absent
        }
    }
}
