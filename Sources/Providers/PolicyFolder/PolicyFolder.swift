import Certificates
package import DNS
import Findings
import MTASTS
package import Planning
package import Ports

/// Policies and certificates as files for a web server of others: `<root>/mta-sts.<zone>/.well-known/mta-sts.txt`, and beside
/// `.well-known` the pair `fullchain.pem` and `privkey.pem` (0600).
///
/// `policy.id` says which id the policy has: the file that senders get can't. What lies there belongs to whom the root belongs.
package struct PolicyFolder: Sendable {
    private let root: String
    private let reload: [String]
    private let settles: Bool
    private let queue: WriterQueue

    /// Over the folder `root`, which must be there; `reload` is run, without a shell, after each change. Many changes at once may
    /// share a run. Whoever writes in one process gives one `queue` to all.
    package init(root: String, reload: [String] = [], queue: WriterQueue = WriterQueue()) {
        self.init(root: root, reload: reload, settles: false, queue: queue)
    }

    private init(root: String, reload: [String], settles: Bool, queue: WriterQueue) {
        self.root = root
        self.reload = reload
        self.settles = settles
        self.queue = queue
    }

    /// The same for those who may write: a look where a reload is owed makes up for it first.
    package var settling: PolicyFolder { PolicyFolder(root: root, reload: reload, settles: true, queue: queue) }

    /// The host's folder. Only letters, digits, hyphens, underscores and dots: nothing that a path or a web server reads otherwise.
    private static func folder(of host: DomainName) throws(Failure) -> String {
        let name = "\(host.lowercased)"
        let fits = name.utf8.allSatisfy {
            (0x61...0x7a).contains($0) || (0x30...0x39).contains($0) || [0x2d, 0x2e, 0x5f].contains($0)
        }
        guard fits, !name.hasPrefix("."), !name.contains("..") else {
            throw Failure(.configuration, "the name \(name) is not fit for a folder; a web server can't serve it")
        }
        return name
    }

    private static let policy = "mta-sts.txt"
    private static let wellKnown = ".well-known"
    private static let id = "policy.id"
    private static let chain = "fullchain.pem"
    private static let key = "privkey.pem"

    /// Beside what changes: one note and one lock for the root, since one reload is for all.
    private var shared: String { root + "/certadns" }

    /// Writes, and has the server take it over. Where `isDone` only a reload may be owed.
    private func change(
        _ host: DomainName, content: String, isDone: Bool, _ write: () throws(Failure) -> Void
    ) async throws(Failure) {
        if !isDone {
            if !reload.isEmpty {
                let serial = UInt32(Digest.hex(content).prefix(8), radix: 16) ?? 0
                try await queue.alone(at: shared) { () throws(Failure) in
                    try OwedReload(file: shared).add(host, serial: serial)
                }
            }
            try write()
        }
        try await queue.settle(shared, named: root, by: reload)
    }

    private func checkDebt(of host: DomainName) async throws(Failure) {
        let debt = try await queue.debt(at: shared, named: root, of: host, reload: reload, settles: settles)
        if let debt { throw Failure(.unfinished, debt.reason) }
    }
}

extension PolicyFolder: PolicyWriter {
    package func policy(for zone: DomainName) async throws(Failure) -> PublishedBody? {
        let host = WellKnown.hostName(zone)
        let seen = try published(host)
        try await checkDebt(of: host)
        return seen
    }

    private func published(_ host: DomainName) throws(Failure) -> PublishedBody? {
        let name = try Self.folder(of: host)
        guard let octets = try HostFolder(root, [name, Self.wellKnown])?.read(Self.policy) else { return nil }
        let body = String(decoding: octets, as: UTF8.self)
        let digest = Digest.hex(octets)
        let note = try HostFolder(root, [name])?.read(Self.id) ?? []
        let words = String(decoding: note, as: UTF8.self).split(whereSeparator: \.isWhitespace)
        if words.count == 2, words[1] == digest, let id = PolicyID(String(words[0])) {
            return PublishedBody(id: id, body: body)
        }
        // Somebody else's body, or one that a crash kept from its successor: no rollout has the counter 0.
        return PublishedBody(id: PolicyID.make(counter: 0, digest: []), body: body)
    }

    package func put(_ body: PublishedBody, for zone: DomainName) async throws(Failure) {
        let host = WellKnown.hostName(zone)
        let name = try Self.folder(of: host)
        let isDone = try published(host) == body
        try await change(host, content: body.id.text + body.body, isDone: isDone) { () throws(Failure) in
            let octets = Array(body.body.utf8)
            let note = Array("\(body.id) \(Digest.hex(octets))\n".utf8)
            // The id first: without its body it says nothing.
            try HostFolder(root, [name], makes: true)?.write([(Self.id, note, 0o644)])
            try HostFolder(root, [name, Self.wellKnown], makes: true)?.write([(Self.policy, octets, 0o644)])
        }
    }

    package func remove(for zone: DomainName) async throws(Failure) {
        let host = WellKnown.hostName(zone)
        let name = try Self.folder(of: host)
        let isDone = try HostFolder(root, [name, Self.wellKnown])?.isRegular(Self.policy) != true
        try await change(host, content: "", isDone: isDone) { () throws(Failure) in
            if let folder = try HostFolder(root, [name, Self.wellKnown]) { try folder.remove(Self.policy) }
            if let folder = try HostFolder(root, [name]) {
                try folder.remove(Self.id)
                try folder.removeEmptyFolder(Self.wellKnown)
            }
            if let folder = try HostFolder(root, []) { try folder.removeEmptyFolder(name) }
        }
    }
}

extension PolicyFolder: DeliveryWriter {
    package func delivered(for host: DomainName) async throws(Failure) -> DeliveredCertificate? {
        let seen = try pair(host)
        try await checkDebt(of: host)
        return seen
    }

    /// The certificate, where a key lies beside it, be it the right one or not. What is no certificate is none: it is replaced.
    private func pair(_ host: DomainName) throws(Failure) -> DeliveredCertificate? {
        guard let folder = try HostFolder(root, [try Self.folder(of: host)]),
            let octets = try folder.read(Self.chain), let key = try folder.read(Self.key)
        else { return nil }
        let chain = String(decoding: octets, as: UTF8.self)
        let secret = Redacted(String(decoding: key, as: UTF8.self))
        return CertificateReading.leaf(of: chain).map {
            DeliveredCertificate($0, keyFault: CertificateReading.fault(of: secret, beside: chain))
        }
    }

    package func deliver(_ material: CertificateMaterial, for host: DomainName) async throws(Failure) {
        let name = try Self.folder(of: host)
        // The key is not compared: whoever asks for a delivery has reason to.
        try await change(host, content: material.facts.fingerprint, isDone: false) { () throws(Failure) in
            try HostFolder(root, [name], makes: true)?.write([
                (Self.key, Array(material.key.reveal().utf8), 0o600), (Self.chain, Array(material.chain.utf8), 0o644),
            ])
        }
    }

    package func takeBack(from host: DomainName) async throws(Failure) {
        let name = try Self.folder(of: host)
        var isDone = true
        if let folder = try HostFolder(root, [name]) {
            for file in [Self.chain, Self.key] where try folder.isRegular(file) { isDone = false }
        }
        try await change(host, content: "", isDone: isDone) { () throws(Failure) in
            if let folder = try HostFolder(root, [name]) {
                try folder.remove(Self.chain)
                try folder.remove(Self.key)
            }
            if let folder = try HostFolder(root, []) { try folder.removeEmptyFolder(name) }
        }
    }
}
