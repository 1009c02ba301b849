import COpenSSL
package import Planning

/// A server's chain as mail senders see it: judged by OpenSSL, which most of them run.
package enum ServerChain {
    /// Why a TLS client would refuse `pem` (leaf first) for `host` at `now`, in OpenSSL's words; `nil` where it accepts. The last
    /// certificate of the chain counts as trusted: whose roots senders trust is another question.
    package static func defect(pem: String, host: String, now: Instant) -> String? {
        var words = [CChar](repeating: 0, count: 512)
        let octets = Array(pem.utf8CString)
        guard let length = Int32(exactly: octets.count - 1), let time = time_t(exactly: now.seconds) else {
            return "it is too long to be one"
        }
        let code = certadns_server_chain(octets, length, host, time, &words, words.count)
        if code == 0 { return nil }
        return String(decoding: words.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
