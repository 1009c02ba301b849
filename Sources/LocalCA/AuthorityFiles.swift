import Crypto
import Foundation
import Planning
import Ports
import SwiftASN1
import X509

/// The CA's two files. The key is linked into place first-wins, so that two processes racing end with one CA.
struct AuthorityFiles {
    let folder: String
    private var certificatePath: String { folder + "/ca.pem" }
    private var keyPath: String { folder + "/ca.key" }

    init(folder: String) { self.folder = folder }

    /// The CA on disk; `nil` where there is none yet.
    func load() throws -> (root: Certificate, key: P256.Signing.PrivateKey)? {
        guard FileManager.default.fileExists(atPath: keyPath) else { return nil }
        let bundle = try String(contentsOfFile: keyPath, encoding: .utf8)
        guard let split = bundle.range(of: "-----BEGIN CERTIFICATE-----") else {
            throw Failure(.storage, "'\(keyPath)' holds no certificate; remove it to make a new CA")
        }
        let key = try P256.Signing.PrivateKey(pemRepresentation: String(bundle[..<split.lowerBound]))
        let root = try Certificate(pemEncoded: String(bundle[split.lowerBound...]))
        if !FileManager.default.fileExists(atPath: certificatePath) { try publish(root) }
        return (root, key)
    }

    /// Makes a root of ten years.
    func create(now: Instant) throws -> (root: Certificate, key: P256.Signing.PrivateKey) {
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        let key = P256.Signing.PrivateKey()
        let root = try makeRoot(key, now: now)
        let bundle = try key.pemRepresentation + "\n" + root.serializeAsPEM().pemString + "\n"
        let temporary = keyPath + ".new-\(ProcessInfo.processInfo.processIdentifier)-\(UInt32.random(in: 0 ... .max))"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
        defer { unlink(temporary) }
        let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        try handle.write(contentsOf: Data(bundle.utf8))
        try handle.synchronize()
        try handle.close()
        // link fails where the name exists: then another process was first, and its CA counts.
        if link(temporary, keyPath) != 0 {
            guard errno == EEXIST, let other = try load() else {
                throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO)
            }
            return other
        }
        try publish(root)
        return (root, key)
    }

    private func publish(_ root: Certificate) throws {
        try Data((root.serializeAsPEM().pemString + "\n").utf8).write(
            to: URL(fileURLWithPath: certificatePath), options: .atomic)
        // No secret: whoever shall trust the root may read it.
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: certificatePath)
    }

    private func makeRoot(_ key: P256.Signing.PrivateKey, now: Instant) throws -> Certificate {
        let publicKey = Certificate.PublicKey(key.publicKey)
        let subject = try DistinguishedName {
            OrganizationName("CertaDNS")
            CommonName("CertaDNS local CA")
        }
        return try Certificate(
            version: .v3, serialNumber: .init(), publicKey: publicKey,
            notValidBefore: Date(timeIntervalSince1970: TimeInterval((now + -3_600).seconds)),
            notValidAfter: Date(timeIntervalSince1970: TimeInterval((now + 3_650 * 86_400).seconds)),
            issuer: subject, subject: subject, signatureAlgorithm: .ecdsaWithSHA256,
            extensions: try Certificate.Extensions {
                Critical(BasicConstraints.isCertificateAuthority(maxPathLength: 0))
                Critical(KeyUsage(keyCertSign: true, cRLSign: true))
                SubjectKeyIdentifier(hash: publicKey)
            }, issuerPrivateKey: .init(key))
    }
}
