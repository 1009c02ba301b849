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
    private let leash: FileHandle

    /// The server did not come up.
    package struct NotUp: Error, CustomStringConvertible {
        /// What it said.
        package let description: String
    }

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
        let lab = URL(fileURLWithPath: #filePath).appendingPathComponent("../../../Lab/\(kind.rawValue).sh")
            .standardizedFileURL.path
        let port = try FreePort.find()
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/bash")
        process.arguments = [lab, folder, "--", "cat"]
        process.environment = ProcessInfo.processInfo.environment.merging(
            [
                "PORT": "\(port)", "ZONES": zones.keys.map(\.description).sorted().joined(separator: " "),
                "TSIG_ALG": algorithm.rawValue,
            ]
        ) { _, new in new }
        let output = folder + "/output"
        _ = FileManager.default.createFile(atPath: output, contents: nil)
        process.standardOutput = FileHandle(forWritingAtPath: output)
        process.standardError = process.standardOutput
        // The script ends when its input does: also when this process dies. A signal would not reach it, since threads of
        // ours block signals and what they start inherits that.
        let leash = Pipe()
        process.standardInput = leash
        try process.run()
        let end = ContinuousClock.now + .seconds(30)
        while process.isRunning, ContinuousClock.now < end {
            // The script writes this file when the server answers.
            let values = Self.values(ofFile: folder + "/env")
            if let name = values["TSIG_NAME"], let secret = values["TSIG_SECRET"].flatMap({ Data(base64Encoded: $0) }),
                let address = ServerAddress("127.0.0.1:\(port)")
            {
                let key = TSIGKey(name: try DomainName(name), algorithm: algorithm, secret: Array(secret))
                return NameServer(address: address, key: key, folder: folder, leash: leash.fileHandleForWriting)
            }
            try await Task.sleep(for: .milliseconds(20))
        }
        try? leash.fileHandleForWriting.close()
        throw NotUp(description: (try? String(contentsOfFile: output, encoding: .utf8)) ?? "it said nothing")
    }

    private static func values(ofFile path: String) -> [String: String] {
        let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
        var values: [String: String] = [:]
        for line in text.split(separator: "\n") {
            guard let equal = line.firstIndex(of: "=") else { continue }
            // As printf %q has them: in base64 only '=' and '+' may be escaped.
            values[String(line[..<equal])] = String(line[line.index(after: equal)...]).replacing("\\", with: "")
        }
        return values
    }

    private init(address: ServerAddress, key: TSIGKey, folder: String, leash: FileHandle) {
        self.address = address
        self.key = key
        self.folder = folder
        self.leash = leash
    }

    /// Ends the server: its script takes it down.
    package func stop() {
        try? leash.close()
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
