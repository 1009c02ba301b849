import Planning

/// Judges an answer by its head and body (STS-21 to STS-23).
enum ResponseJudge {
    static func judge(_ response: FetchedResponse) -> PolicyLook.Answer {
        if (300...399).contains(response.status) {
            let target = response.location.map { " to '\(Printable.line($0))'" } ?? ""
            return .notServed(
                .redirect,
                "it redirects\(target) (status \(response.status)), which no sender follows; serve the policy at this very URL"
            )
        }
        guard response.status == 200 else {
            return .notServed(.status, "it answers status \(response.status), and only 200 gives a policy")
        }
        if response.isTooLarge {
            return .notServed(.size, "the body is larger than 65536 octets, where senders stop reading")
        }
        let media = (response.contentType ?? "").prefix { $0 != ";" }.filter { $0 != " " && $0 != "\t" }
        guard media.lowercased() == "text/plain" else {
            let shown = response.contentType.map { "is '\(Printable.line($0))'" } ?? "is not stated"
            return .notServed(.mediaType, "the media type \(shown), senders want 'text/plain'")
        }
        if let encoding = response.contentEncoding, encoding.lowercased() != "identity" {
            return .notServed(
                .encoding,
                "the body comes with Content-Encoding '\(Printable.line(encoding))', which senders do not undo")
        }
        guard let text = String(validating: response.body, as: UTF8.self) else {
            return .notServed(.encoding, "the body is not UTF-8")
        }
        return .served(text)
    }
}
