import DNS
import DNSClient
import Foundation

/// The system's resolvers (resolv.conf(5)).
enum SystemResolvers {
    static func servers(file: String = "/etc/resolv.conf") -> [ServerAddress] {
        guard let text = try? String(contentsOfFile: file, encoding: .utf8) else { return [] }
        return text.split(separator: "\n").compactMap { line in
            let words = line.split(whereSeparator: { $0 == " " || $0 == "\t" })
            guard words.count >= 2, words[0] == "nameserver", let address = IPAddress(String(words[1])) else {
                return nil
            }
            return ServerAddress(address: address)
        }
    }
}
