import DNS
import Doubles
import Findings
import Foundation
import LocalCA
import MTASTS
import Planning
import PortConformance
import Ports
import Providers
import Testing

/// What the keeper of a web server may rely on: whole files at fixed places, nothing written outside the root, no change forgotten.
@Suite struct PolicyFolderTests {
    private let root: String
    private let zone: DomainName
    private let other: DomainName
    private let host: DomainName

    init() throws {
        root = NSTemporaryDirectory() + "certadns-policies-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
        zone = try DomainName("example.com")
        other = try DomainName("other.example")
        host = WellKnown.hostName(zone)
    }

    private func body(_ counter: Int) -> PublishedBody {
        PublishedBody(
            id: PolicyID.make(counter: counter, digest: [UInt8](repeating: 7, count: 8)),
            body: "version: STSv1\r\n\(counter)\r\n")
    }

    private func materials() async throws -> [CertificateMaterial] {
        let authority = try LocalAuthority(folder: root, now: Instant(Date()))
        var materials: [CertificateMaterial] = []
        for _ in 1...2 {
            materials.append(
                try await authority.issue(CertificateRequest(names: [host], now: Instant(Date())), at: .bare))
        }
        return materials
    }

    private func failure(_ body: () async throws(Failure) -> Void) async -> Failure? {
        do throws(Failure) {
            try await body()
            return nil
        } catch { return error }
    }

    private func entries(_ path: String = "") throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: root + path).sorted()
    }

    private func mode(_ path: String) throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: root + path)[.posixPermissions] as? Int
    }

    private func text(_ path: String) throws -> String { try String(contentsOfFile: root + path, encoding: .utf8) }

    @Test func `a folder and the double keep the contract of both ports`() async throws {
        defer { try? FileManager.default.removeItem(atPath: root) }
        let materials = try await materials()
        let ca = try entries()
        let folder = PolicyFolder(root: root)
        for writer in [folder, MemoryHost()] as [any PolicyWriter & DeliveryWriter] {
            try await HostConformance.check(writer, zone: zone, other: other)
            try await HostConformance.check(
                writer, host: host, other: WellKnown.hostName(other), materials: materials)
        }
        #expect(try entries() == ca, "empty folders go with what they held")
    }

    @Test func `the files lie where web servers look, the key for its owner alone`() async throws {
        defer { try? FileManager.default.removeItem(atPath: root) }
        let material = try await materials()[0]
        let old = umask(0o077)
        defer { umask(old) }
        let folder = PolicyFolder(root: root)
        try await folder.put(body(1), for: zone)
        try await folder.deliver(material, for: host)
        let place = "/mta-sts.example.com"
        #expect(try entries(place) == [".well-known", "fullchain.pem", "policy.id", "privkey.pem"])
        #expect(try entries(place + "/.well-known") == ["mta-sts.txt"])
        #expect(try text(place + "/.well-known/mta-sts.txt") == body(1).body)
        #expect(try text(place + "/fullchain.pem") == material.chain)
        #expect(try text(place + "/privkey.pem") == material.key.reveal())
        #expect(try mode(place + "/privkey.pem") == 0o600)
        for path in ["/fullchain.pem", "/policy.id", "/.well-known/mta-sts.txt"] {
            #expect(try mode(place + path) == 0o644, "\(path)")
        }
        for path in ["", "/.well-known"] { #expect(try mode(place + path) == 0o755, "\(path)") }
        // The certificate stays where the policy goes.
        try await folder.remove(for: zone)
        #expect(try entries(place) == ["fullchain.pem", "privkey.pem"])
        #expect(try await folder.delivered(for: host) != nil)
    }

    @Test func `a root that is not there is told with what to do`() async {
        let failure = await failure { () async throws(Failure) in
            try await PolicyFolder(root: root + "/missing").put(body(1), for: zone)
        }
        try? FileManager.default.removeItem(atPath: root)
        #expect(failure?.detail.hasSuffix("is not there; make it, or change 'policy_host: path'") == true)
    }

    @Test func `an edited policy is another one under no id of ours, and a lost key is no certificate`() async throws {
        defer { try? FileManager.default.removeItem(atPath: root) }
        let folder = PolicyFolder(root: root)
        try await folder.put(body(1), for: zone)
        let path = root + "/mta-sts.example.com/.well-known/mta-sts.txt"
        try "version: STSv1\r\nmine\r\n".write(toFile: path, atomically: true, encoding: .utf8)
        let seen = try #require(await folder.policy(for: zone))
        #expect(seen.body == "version: STSv1\r\nmine\r\n" && seen.id.counter != 1)
        try await folder.put(body(1), for: zone)
        #expect(try await folder.policy(for: zone) == body(1))
        try await folder.deliver(try await materials()[0], for: host)
        try FileManager.default.removeItem(atPath: root + "/mta-sts.example.com/privkey.pem")
        #expect(try await folder.delivered(for: host) == nil)
        try "no PEM".write(toFile: root + "/mta-sts.example.com/fullchain.pem", atomically: true, encoding: .utf8)
        #expect(try await folder.delivered(for: host) == nil)
    }

    @Test(arguments: ["mta-sts.example.com", "mta-sts.example.com/.well-known"])
    func `a link in place of a folder is not followed out of the root`(place: String) async throws {
        defer { try? FileManager.default.removeItem(atPath: root) }
        let material = try await materials()[0]
        let outside = root + "/outside"
        let inside = root + "/" + place
        try FileManager.default.createDirectory(atPath: outside, withIntermediateDirectories: true)
        try FileManager.default.createDirectory(
            atPath: (inside as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
        try FileManager.default.createSymbolicLink(atPath: inside, withDestinationPath: outside)
        let folder = PolicyFolder(root: root)
        let put = await failure { () async throws(Failure) in try await folder.put(body(1), for: zone) }
        #expect(put?.detail.contains("is no folder but a link or a file; remove it") == true, "\(put?.detail ?? "")")
        #expect(await failure { () async throws(Failure) in try await folder.remove(for: zone) } != nil)
        #expect(await failure { () async throws(Failure) in _ = try await folder.policy(for: zone) } != nil)
        if place == "mta-sts.example.com" {
            #expect(await failure { () async throws(Failure) in try await folder.deliver(material, for: host) } != nil)
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: outside) == [])
    }

    @Test func `a link in place of a file is replaced or told, and its target stays`() async throws {
        defer { try? FileManager.default.removeItem(atPath: root) }
        let folder = PolicyFolder(root: root)
        try await folder.put(body(1), for: zone)
        let path = root + "/mta-sts.example.com/.well-known/mta-sts.txt"
        let target = root + "/target"
        try "theirs".write(toFile: target, atomically: true, encoding: .utf8)
        try FileManager.default.removeItem(atPath: path)
        try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: target)
        let told = await failure { () async throws(Failure) in _ = try await folder.policy(for: zone) }
        #expect(told?.detail.contains("is no regular file but a link") == true, "\(told?.detail ?? "")")
        #expect(try text("/target") == "theirs")
        try FileManager.default.removeItem(atPath: path)
        #expect(mkfifo(path, 0o600) == 0)
        #expect(await failure { () async throws(Failure) in _ = try await folder.policy(for: zone) } != nil)
    }

    @Test(arguments: [[0x2f], Array("..".utf8), Array("a/../..".utf8), [0], Array("x\\".utf8), Array("$(id)".utf8)])
    func `a hostile name makes no path`(label: [UInt8]) async throws {
        defer { try? FileManager.default.removeItem(atPath: root) }
        let hostile = try zone.prepending(label: label)
        let folder = PolicyFolder(root: root)
        #expect(await failure { () async throws(Failure) in try await folder.put(body(1), for: hostile) } != nil)
        #expect(await failure { () async throws(Failure) in try await folder.remove(for: hostile) } != nil)
        #expect(await failure { () async throws(Failure) in _ = try await folder.delivered(for: hostile) } != nil)
        #expect(try entries() == [])
    }

    @Test func `a missing root is an error, never an absent policy`() async throws {
        try FileManager.default.removeItem(atPath: root)
        let folder = PolicyFolder(root: root)
        let read = await failure { () async throws(Failure) in _ = try await folder.policy(for: zone) }
        #expect(read?.kind == .storage)
        #expect(await failure { () async throws(Failure) in try await folder.put(body(1), for: zone) } != nil)
        #expect(!FileManager.default.fileExists(atPath: root))
    }

    @Test func `a reload that fails is owed until one succeeds, and what it should show is unknown`() async throws {
        defer { try? FileManager.default.removeItem(atPath: root) }
        let material = try await materials()[0]
        let gate = root + "/gate"
        let folder = PolicyFolder(root: root, reload: ["sh", "-c", "test -e \(gate) && echo x >>\(root)/runs"])
        let told = await failure { () async throws(Failure) in try await folder.put(body(1), for: zone) }
        #expect(told?.kind == .unfinished && told?.detail.contains("ended with 1") == true, "\(told?.detail ?? "")")
        #expect(told?.detail.hasPrefix("'\(root)' was written") == true, "by the folder, not by the note's name")
        #expect(await failure { () async throws(Failure) in try await folder.deliver(material, for: host) } != nil)
        let read = await failure { () async throws(Failure) in _ = try await folder.policy(for: zone) }
        #expect(read?.detail.contains("a change of '\(root)' was begun") == true, "\(read?.detail ?? "")")
        #expect(read?.detail.contains("has not succeeded since") == true, "\(read?.detail ?? "")")
        #expect(await failure { () async throws(Failure) in _ = try await folder.delivered(for: host) } != nil)
        #expect(try await folder.policy(for: other) == nil, "nobody else waits for it")
        _ = FileManager.default.createFile(atPath: gate, contents: nil)
        #expect(try await folder.settling.policy(for: zone) == body(1))
        #expect(try await folder.delivered(for: host)?.fingerprint == material.facts.fingerprint)
        #expect(try text("/runs") == "x\n", "one run paid for both")
        try await folder.put(body(1), for: zone)
        #expect(try text("/runs") == "x\n", "nothing changed, so nothing was reloaded")
    }
}
