package import DNS
package import DNSClient
import Foundation

/// A real name server on loopback and a free port, started by a script of Tests/Lab; it ends with ``stop()``.
package final class NameServer: Sendable {
    /// Which one.
    package enum Kind: String, Sendable, CaseIterable { case bind, knot }

    /// Where it answers.
    package let address: ServerAddress
    /// The key that may update and transfer.
    package let key: TSIGKey
    /// Its folder, with its log.
    package let folder: String
    private let script: LabScript

    /// Starts one over `zones`, each by its master file; waits until it answers. Knot's key is always hmac-sha256.
    package static func start(
        _ kind: Kind, zones: [DomainName: String], algorithm: TSIGKey.Algorithm = .hmacSHA256
    ) async throws -> NameServer {
        // Another test may take the port between looking and binding.
        for _ in 0..<3 {
            if let server = try? await startOnce(kind, zones: zones, algorithm: algorithm) { return server }
        }
        return try await startOnce(kind, zones: zones, algorithm: algorithm)
    }

    private static func startOnce(
        _ kind: Kind, zones: [DomainName: String], algorithm: TSIGKey.Algorithm = .hmacSHA256
    ) async throws -> NameServer {
        let folder = NSTemporaryDirectory() + "certadns-lab-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        for (zone, text) in zones {
            try Data(text.utf8).write(to: URL(fileURLWithPath: "\(folder)/\(zone).zone"))
        }
        let port = try FreePort.find()
        let script = try await LabScript.start(
            "\(kind.rawValue).sh", in: folder,
            environment: [
                "PORT": "\(port)", "ZONES": zones.keys.map(\.description).sorted().joined(separator: " "),
                "TSIG_ALG": algorithm.rawValue,
            ])
        guard let name = script.values["TSIG_NAME"],
            let secret = script.values["TSIG_SECRET"].flatMap({ Data(base64Encoded: $0) }),
            let address = ServerAddress("127.0.0.1:\(port)")
        else { throw NotUp(description: "it tells no key") }
        let key = TSIGKey(name: try DomainName(name), algorithm: algorithm, secret: Array(secret))
        return NameServer(address: address, key: key, folder: folder, script: script)
    }

    private init(address: ServerAddress, key: TSIGKey, folder: String, script: LabScript) {
        self.address = address
        self.key = key
        self.folder = folder
        self.script = script
    }

    /// Ends the server: its script takes it down.
    package func stop() {
        script.stop()
        try? FileManager.default.removeItem(atPath: folder)
    }
}

/// A port that nobody has, at this moment, for both UDP and TCP.
package enum FreePort {
    /// Finds one.
    package static func find() throws -> Int {
        for _ in 0..<50 {
            let tcp = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            let udp = socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
            defer {
                close(tcp)
                close(udp)
            }
            guard let port = bound(tcp, 0), bound(udp, port) != nil else { continue }
            return Int(port)
        }
        throw POSIXError(.EADDRINUSE)
    }

    private static func bound(_ descriptor: Int32, _ port: UInt16) -> UInt16? {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        address.sin_port = port.bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { raw in
                bind(descriptor, raw, length) == 0 && getsockname(descriptor, raw, &length) == 0
            }
        }
        return isBound ? UInt16(bigEndian: address.sin_port) : nil
    }
}
