import DNS

/// What a server's answer says of one record set, if the server is the one to say it.
enum AuthoritativeAnswer {
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
        let here = message.answers.compactMap(\.record).filter { $0.key == key }
        if let set = RecordSet.grouping(here)[key] {
            self = .set(set)
        } else {
            self = .absent
        }
    }
}
