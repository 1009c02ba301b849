import Crypto
import Files
import Foundation
import Planning
import Ports
import Sealing
import SwiftASN1
import X509

/// The CA's two files. The key is linked into place first-wins, so that two processes racing end with one CA.
struct AuthorityFiles {
    let folder: String
    private let keyFiles: KeyFiles
    private var certificatePath: String { folder + "/ca.pem" }
    private var keyPath: String { keyFiles.path(of: .authority) }

    init(folder: String, seal: Seal) {
        self.folder = folder
        keyFiles = KeyFiles(folder: folder, seal: seal)
    }

    /// The CA on disk; `nil` where there is none yet.
    func load() throws -> (root: Certificate, key: P256.Signing.PrivateKey)? {
        guard let octets = try keyFiles.read(keyPath, as: .authority) else { return nil }
        let bundle = String(decoding: octets, as: UTF8.self)
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
        // Another process may have been first: then its CA counts.
        guard try keyFiles.create(Array(bundle.utf8), at: keyPath, as: .authority) else {
            guard let other = try load() else { throw Failure(.storage, "'\(keyPath)' came and went; try again") }
            return other
        }
        try publish(root)
        return (root, key)
    }

    private func publish(_ root: Certificate) throws {
        // No secret: whoever shall trust the root may read it.
        try DurableFile.write((root.serializeAsPEM().pemString + "\n").utf8, to: certificatePath, mode: 0o644)
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
