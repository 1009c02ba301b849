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

    private func write(_ text: String, to path: String? = nil) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: path ?? self.path))
    }
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
        #expect(try names() == ["files.test.zone", "files.test.zone.lock", "seen; rm -rf x"])
    }

    @Test func `a reload's last complaint is told, bounded and without control characters`() async throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try write(Self.text)
        let script = #"echo first >&2; printf 'rndc: \033[31mno key\n\n' >&2; exit 3"#
        let told = try #require(await failure(create, reload: ["sh", "-c", script])).detail
        #expect(told.contains("ended with 3: rndc: \\u{1B}[31mno key.") && !told.contains("first >&2: "), "\(told)")
        let long = try #require(
            await failure(create, reload: ["sh", "-c", "printf '%5000s' x | tr ' ' y >&2; exit 3"]))
        #expect(long.detail.contains("ended with 3: " + String(repeating: "y", count: 200) + "."), "\(long)")
    }

    private func names() throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: folder).sorted() }

    /// A server's reload command: it copies the file to what the server has read, and fails as long as `gate` is not there.
    private var reload: [String] { ["sh", "-c", "test -e \(folder)/gate && cp \(path) \(folder)/served"] }
    private func open() { _ = FileManager.default.createFile(atPath: folder + "/gate", contents: nil) }
    private func served() -> String { (try? String(contentsOfFile: folder + "/served", encoding: .utf8)) ?? "" }
    private func look(_ key: RecordKey, settles: Bool = false) async -> Observation<RecordSet>? {
        await ZoneFileProvider(folder: folder, reload: reload, settles: settles).read([key])[key]
    }

    @Test func `a change whose reload failed is finished by the next try, and is no conflict with itself`() async throws
    {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try write(Self.text)
        let failed = try #require(await failure(create, reload: reload))
        #expect(failed.kind == .unfinished && failed.retryable, "\(failed)")
        #expect(
            failed.detail.contains("was written, but not reloaded: 'sh -c ") && failed.detail.contains("ended with 1"))
        let written = try contents()
        #expect(written.contains("TLSRPT"), "the file itself was written")
        open()
        #expect(await failure(create, reload: reload) == nil)
        #expect(try served() == written && contents() == written, "the server read what the first try wrote")
        #expect(
            try names() == ["files.test.zone", "files.test.zone.lock", "gate", "served"], "nothing is owed any longer")
    }

    @Test func `a reload that is owed makes its names unknown to a reader, who changes nothing, and to no others`()
        async throws
    {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try write(Self.text)
        #expect(await failure(create, reload: reload)?.kind == .unfinished)
        open()
        let before = try names()
        let seen = try #require(await look(set.key)?.unknown)
        #expect(seen.reason.contains("has not succeeded since") && seen.reason.contains("certadns apply"), "\(seen)")
        let upper = RecordKey(name: try DomainName("_SMTP._tls.Files.test"), type: .txt)
        #expect(await look(upper)?.unknown != nil)
        let other = RecordKey(name: try DomainName("mx.files.test"), type: .a)
        #expect(await look(other)?.value != nil, "another name's records are as the server read them")
        #expect(try names() == before && served().isEmpty)
    }

    @Test func `who may write makes up for an owed reload when looking, and what fails stays owed`() async throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try write(Self.text)
        #expect(await failure(create, reload: reload)?.kind == .unfinished)
        #expect(await look(set.key, settles: true)?.unknown?.reason.contains("not reloaded") == true)
        #expect(await look(set.key)?.unknown != nil)
        open()
        #expect(await look(set.key, settles: true) == .value(set))
        #expect(try served() == contents())
        #expect(await look(set.key) == .value(set))
    }

    @Test func `a crash between note and file owes a reload and loses nothing`() async throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try write(Self.text)
        try write("_smtp._tls.files.test. 2026010102\n", to: path + ".reload-owed")
        open()
        #expect(await look(set.key)?.unknown != nil)
        #expect(await failure(create, reload: reload) == nil)
        #expect(await look(set.key) == .value(set))
    }

    @Test func `a command that is not there is told as that, and as done in the file`() async throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try write(Self.text)
        let failed = try #require(await failure(create, reload: ["certadns-no-such-command"]))
        #expect(failed.kind == .unfinished && !failed.retryable, "\(failed)")
        #expect(
            failed.detail.contains(
                "was written, but not reloaded: the command 'certadns-no-such-command' was not found"))
        #expect(try contents().contains("TLSRPT"))
    }

    @Test func `forty writers of one file stand in line and share reloads`() async throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try write(Self.text)
        // A slow server: its first reload lasts until all have written, however busy the machine; a minute at most.
        let wait = "for i in $(seq 600); do [ $(grep -c '^n[0-9]*\\.files' \(path)) -ge 40 ] && break; sleep 0.1; done"
        let reload = [
            "sh", "-c", "\(wait); cp \(path) \(folder)/new; mv \(folder)/new \(folder)/served; echo >>\(folder)/runs",
        ]
        let provider = ZoneFileProvider(folder: folder, reload: reload)
        let sets = try (0..<40).map { number in
            let key = RecordKey(name: try DomainName("n\(number).files.test"), type: .txt)
            return try #require(RecordSet(key: key, ttl: 60, data: [.txt(TextData("\(number)"))]))
        }
        let failures = await withTaskGroup(of: Failure?.self) { group in
            for set in sets {
                group.addTask {
                    let change = RecordChange(owner: set.key.name, expecting: [], absent: [.txt], writing: [set])
                    do throws(Failure) { try await provider.write(change) } catch { return error }
                    let read = (try? String(contentsOfFile: folder + "/served", encoding: .utf8)) ?? ""
                    return read.contains(set.key.name.absolute)
                        ? nil : Failure(.missing, "the server did not read \(set)")
                }
            }
            return await group.reduce(into: [Failure]()) { all, failure in if let failure { all.append(failure) } }
        }
        #expect(failures == [])
        #expect(try served() == contents())
        let runs = try String(contentsOfFile: folder + "/runs", encoding: .utf8).count
        #expect(runs < 10, "\(runs) reloads")
        #expect(!FileManager.default.fileExists(atPath: path + ".reload-owed"))
    }

    @Test func `providers made again and again stand in one line, and each runs its own reload`() async throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try write(Self.text)
        let queue = WriterQueue()
        let failures = try await withThrowingTaskGroup(of: Failure?.self) { group in
            for number in 0..<40 {
                let key = RecordKey(name: try DomainName("n\(number).files.test"), type: .txt)
                let set = try #require(RecordSet(key: key, ttl: 60, data: [.txt(TextData("\(number)"))]))
                let provider = ZoneFileProvider(
                    folder: folder, reload: ["touch", "\(folder)/reloaded-\(number % 4)"], queue: queue)
                group.addTask {
                    let change = RecordChange(owner: key.name, expecting: [], absent: [.txt], writing: [set])
                    do throws(Failure) { try await provider.write(change) } catch { return error }
                    return nil
                }
            }
            return try await group.reduce(into: [Failure]()) { all, failure in if let failure { all.append(failure) } }
        }
        #expect(failures == [])
        #expect(try contents().matches(of: #/(?m)^n[0-9]+\.files/#).count == 40)
        for number in 0..<4 { #expect(FileManager.default.fileExists(atPath: "\(folder)/reloaded-\(number)")) }
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
