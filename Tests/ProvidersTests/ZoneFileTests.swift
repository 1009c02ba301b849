import DNS
import Foundation
import Planning
import Ports
import Providers
import Testing

/// What a master file's keeper may rely on: only our record sets change, and what we can't change safely stays as it is.
@Suite struct ZoneFileTests {
    private let zone: DomainName
    private let folder: String
    private let set: RecordSet

    private static let text = """
        $ORIGIN files.test. ; kept by hand
        $TTL 1h
        @\tIN SOA ns1 hostmaster ( 2026010101 ; serial
        \t\t3600 600 86400 300 )
        \tNS\tns1
        \tMX\t10 mx   ; the mail host
        ns1 A 127.0.0.1
        mx  A 127.0.0.1

        ; the end
        """ + "\n"

    init() throws {
        zone = try DomainName("files.test")
        folder = NSTemporaryDirectory() + "certadns-zonefile-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let key = RecordKey(name: try DomainName("_smtp._tls.files.test"), type: .txt)
        set = try #require(RecordSet(key: key, ttl: 3600, data: [.txt(TextData("v=TLSRPTv1; rua=mailto:r@x.test"))]))
    }

    private var path: String { "\(folder)/files.test.zone" }
    private var create: RecordChange {
        RecordChange(owner: set.key.name, expecting: [], absent: [.txt, .cname], writing: [set])
    }
    private var remove: RecordChange {
        RecordChange(owner: set.key.name, expecting: [set], absent: [.cname], writing: [])
    }

    private func write(_ text: String) throws { try Data(text.utf8).write(to: URL(fileURLWithPath: path)) }
    private func contents() throws -> String { try String(contentsOfFile: path, encoding: .utf8) }

    private func failure(_ change: RecordChange, reload: [String] = []) async -> Failure? {
        do throws(Failure) {
            try await ZoneFileProvider(folder: folder, reload: reload).write(change)
            return nil
        } catch { return error }
    }

    @Test func `only our lines and the serial change, every other byte stays`() async throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try write(Self.text)
        #expect(await failure(create) == nil)
        let added = try contents()
        let line = #"_smtp._tls.files.test. 3600 IN TXT "v=TLSRPTv1; rua=mailto:r@x.test""# + "\n"
        #expect(added == Self.text.replacing("2026010101", with: "2026010102") + line)
        #expect(await failure(remove) == nil)
        #expect(try contents() == Self.text.replacing("2026010101", with: "2026010103"))
    }

    @Test func `mode and owner stay, and nothing else is left in the folder but the lock`() async throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try write(Self.text)
        chmod(path, 0o640)
        #expect(await failure(create) == nil)
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        #expect(attributes[.posixPermissions] as? Int == 0o640)
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: folder).sorted() == [
                "files.test.zone", "files.test.zone.lock",
            ])
    }

    @Test(arguments: [
        ("signed", "mx RRSIG A 8 3 3600 20300101000000 20260101000000 1 files.test. AAAA\n", Failure.Kind.rejected),
        ("$INCLUDE", "$INCLUDE more.zone\n", .rejected),
        ("can't be read", "mx A not-an-address\n", .malformed),
    ])
    func `a file that can't be changed safely is refused and stays`(
        word: String, line: String, kind: Failure.Kind
    ) async throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try write(Self.text + line)
        let failure = try #require(await failure(create))
        #expect(failure.kind == kind && failure.detail.contains(word), "\(failure)")
        #expect(try contents() == Self.text + line)
    }

    @Test func `a file that its server updates by journal is refused`() async throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try write(Self.text)
        try Data().write(to: URL(fileURLWithPath: path + ".jnl"))
        let failure = try #require(await failure(create))
        #expect(failure.kind == .rejected && failure.detail.contains("journal"), "\(failure)")
        #expect(try contents() == Self.text)
    }

    @Test func `a link is refused, and so is a file without the zone's SOA`() async throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try Data(Self.text.utf8).write(to: URL(fileURLWithPath: folder + "/elsewhere"))
        try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: folder + "/elsewhere")
        #expect(try #require(await failure(create)).detail.contains("no regular file"))
        try FileManager.default.removeItem(atPath: path)
        try write(Self.text.replacing("files.test.", with: "other.test."))
        #expect(try #require(await failure(create)).kind == .malformed)
    }

    @Test func `without a file of the zone nothing is known`() async throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let seen = await ZoneFileProvider(folder: folder).read([set.key])[set.key]
        #expect(seen?.unknown?.reason.contains("no file in '\(folder)' is named after a zone above") == true)
        #expect(await failure(create)?.kind == .missing)
    }

    @Test func `a dry run without a file of the zone says so`() async throws {
        let lines = await ZoneFileProvider(folder: folder).describe(create)
        #expect(lines.first?.hasPrefix("file: could not be found (no file in '\(folder)'") == true, "\(lines)")
    }

    @Test func `the reload command runs after the change, without a shell, and its failure is told`() async throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try write(Self.text)
        #expect(await failure(create, reload: ["cp", path, folder + "/seen; rm -rf x"]) == nil)
        #expect(try String(contentsOfFile: folder + "/seen; rm -rf x", encoding: .utf8) == contents())
        let failed = try #require(await failure(remove, reload: ["false"]))
        #expect(failed.kind == .rejected && failed.retryable && failed.detail.contains("'false' ended with 1"))
        #expect(try !contents().contains("TLSRPT"), "the file itself was written")
    }

    @Test func `of two writers at once one is told to wait, and none loses its record`() async throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try write(Self.text)
        let others = try (0..<8).map { number in
            let key = RecordKey(name: try DomainName("n\(number).files.test"), type: .txt)
            return try #require(RecordSet(key: key, ttl: 60, data: [.txt(TextData("\(number)"))]))
        }
        let failures = await withTaskGroup(of: (RecordSet, Failure?).self) { group in
            for set in others {
                let change = RecordChange(owner: set.key.name, expecting: [], absent: [.txt], writing: [set])
                group.addTask { (set, await failure(change)) }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        let file = try MasterFile(parsing: Array(contents().utf8), origin: zone)
        for (set, failure) in failures {
            if let failure { #expect(failure.kind == .busy && failure.retryable) }
            #expect((file.recordSets[set.key] == set) == (failure == nil))
        }
        #expect(failures.contains { $0.1 == nil })
    }
}
