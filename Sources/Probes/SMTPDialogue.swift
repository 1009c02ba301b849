import Planning

/// What a client and a mail host say to each other until TLS begins (RFC 5321 §4.2, RFC 3207 §4): octets in, moves out, no network.
///
/// Whatever follows a whole reply before the next command was sent is thrown away, so that nothing said in the open counts as said under TLS
/// (CVE-2011-0411).
struct SMTPDialogue {
    /// What the client does next.
    enum Move: Hashable {
        /// It waits for more.
        case wait
        /// It sends these octets.
        case send(String)
        /// It begins TLS.
        case upgrade
        /// It knows enough.
        case end(MailHostVerdict)
    }

    private enum Phase: String {
        case greeting = "its greeting"
        case hello = "its answer to EHLO"
        case upgrade = "its answer to STARTTLS"
    }

    private let name: String
    private var phase = Phase.greeting
    private var line: [UInt8] = []
    private var lines: [String] = []
    private var code: String?
    private var octets = 0

    /// Longer lines than any server needs; RFC 5321 §4.5.3.1.5 allows 512 octets.
    private static let longestLine = 2_048
    private static let mostLines = 128
    private static let mostOctets = 65_536

    /// A dialogue of a client that calls itself `name`.
    init(name: String) { self.name = name }

    /// Takes what came.
    mutating func take(_ part: some Sequence<UInt8>) -> Move {
        for octet in part {
            octets += 1
            guard octets <= Self.mostOctets else { return tooLong }
            guard octet == UInt8(ascii: "\n") else {
                line.append(octet)
                guard line.count <= Self.longestLine else { return tooLong }
                continue
            }
            if line.last == UInt8(ascii: "\r") { line.removeLast() }
            let move = takeLine(line)
            line = []
            if move != .wait { return move }
        }
        return .wait
    }

    /// The verdict where the mail host closed the connection.
    var closed: MailHostVerdict { .refused("it closed the connection before \(phase.rawValue) was over") }

    private var tooLong: Move { .end(.refused("\(phase.rawValue) has no end that is waited for")) }

    private mutating func takeLine(_ line: [UInt8]) -> Move {
        let text = Printable.line(String(decoding: line, as: UTF8.self), limit: 200)
        let digits = line.prefix(3)
        guard digits.count == 3, digits.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
            line.count == 3 || line[3] == UInt8(ascii: " ") || line[3] == UInt8(ascii: "-")
        else { return .end(.refused("\(phase.rawValue) is no SMTP: '\(text)'")) }
        let code = String(text.prefix(3))
        guard self.code ?? code == code else {
            return .end(.refused("\(phase.rawValue) has two codes, \(self.code ?? code) and \(code)"))
        }
        self.code = code
        lines.append(String(text.dropFirst(4)))
        guard lines.count <= Self.mostLines else { return tooLong }
        if line.count > 3, line[3] == UInt8(ascii: "-") { return .wait }
        defer {
            lines = []
            self.code = nil
        }
        return answer(code, "'\(text)'")
    }

    private mutating func answer(_ code: String, _ shown: String) -> Move {
        switch phase {
        case .greeting:
            guard code == "220" else { return .end(.refused("it greets with \(shown)")) }
            phase = .hello
            return .send("EHLO \(name)\r\n")
        case .hello:
            guard code == "250" else { return .end(.refused("it answers EHLO with \(shown)")) }
            // The first line is the greeting; a keyword ends at a blank (RFC 5321 §4.1.1.1).
            let keywords = lines.dropFirst().map { $0.split(separator: " ").first?.uppercased() ?? "" }
            guard keywords.contains("STARTTLS") else {
                return .end(.failing(.starttls, "it offers no STARTTLS"))
            }
            phase = .upgrade
            return .send("STARTTLS\r\n")
        case .upgrade:
            guard code == "220" else {
                return .end(.failing(.starttls, "it offers STARTTLS, and answers it with \(shown)"))
            }
            return .upgrade
        }
    }
}
