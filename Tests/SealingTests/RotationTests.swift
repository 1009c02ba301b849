import Findings
import Foundation
import Ports
import Sealing
import Testing

/// A folder of key files from one secret to the next.
@Suite struct RotationTests {
    private static let names: [(String, KeyRole)] = [
        ("ca.key", .authority), ("keys/account-https---ca.json", .account),
        ("keys/pending-mta-sts.x.new-1.test.pem", .pending),
        ("keys/00aa.pem", .certificate), ("keys/11bb.pem", .certificate),
    ]

    private func with(_ body: (String) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("certadns-seal-\(UUID().uuidString)")
            .path
        try FileManager.default.createDirectory(atPath: folder + "/keys", withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try body(folder)
    }

    private func contents(_ role: KeyRole, _ name: String) -> [UInt8] {
        Array((role == .account ? "{\"key\":\"\(name)\"}" : "-----BEGIN \(name)").utf8)
    }

    private func fill(_ files: KeyFiles) throws {
        for (name, role) in Self.names {
            try files.write(contents(role, name), to: files.folder + "/" + name, as: role)
        }
    }

    private func check(_ files: KeyFiles, _ comment: Comment? = nil) throws {
        for (name, role) in Self.names {
            #expect(try files.read(files.folder + "/" + name, as: role) == contents(role, name), comment)
        }
    }

    @Test func `that the secret opens no stored key is told from one file of a role`() throws {
        try with { folder in
            let keys = try (0..<2).map { round in
                try SealKey(Redacted(Data((0..<32).map { UInt8(round + $0 * 5) }).base64EncodedString()), from: "env:X")
            }
            let (one, two) = (keys[0], keys[1])
            #expect(try KeyFiles(folder: folder, seal: Seal(current: one)).closedToUs() == nil, "there is no key yet")
            try fill(KeyFiles(folder: folder, seal: Seal(current: one)))
            #expect(try KeyFiles(folder: folder, seal: Seal(current: one)).closedToUs() == nil)
            #expect(try KeyFiles(folder: folder, seal: Seal(current: two, previous: [one])).closedToUs() == nil)
            let other = try #require(try KeyFiles(folder: folder, seal: Seal(current: two)).closedToUs())
            #expect(other.contains("under another key (id \(one.id))") && other.contains("previous_secrets"))
            #expect(try KeyFiles(folder: folder, seal: .none).closedToUs()?.contains("no secret is configured") == true)
            // Of the certificates' keys the first alone is read.
            try Data("CERTADNS-SEALED torn".utf8).write(to: URL(fileURLWithPath: folder + "/keys/11bb.pem"))
            #expect(try KeyFiles(folder: folder, seal: Seal(current: one)).closedToUs() == nil)
        }
    }

    @Test func `a rotation finds what was written where each role's keys lie`() throws {
        try with { folder in
            let files = KeyFiles(folder: folder, seal: .none)
            for role in KeyRole.allCases {
                try files.write(contents(role, "x"), to: files.path(of: role, "x"), as: role)
            }
            let sealed = KeyFiles(folder: folder, seal: Seal(current: try SealTests.key(1)))
            #expect(try sealed.rotate().changed == KeyRole.allCases.count)
            for role in KeyRole.allCases {
                #expect(try sealed.read(files.path(of: role, "x"), as: role) == contents(role, "x"), "\(role)")
            }
        }
    }

    @Test func `plain files are sealed, resealed under the next secret, and unsealed again`() throws {
        try with { folder in
            let (old, new) = (try SealTests.key(1), try SealTests.key(2))
            try fill(KeyFiles(folder: folder, seal: .none))
            let first = KeyFiles(folder: folder, seal: Seal(current: old))
            #expect(try first.inventory().plain == 5)
            #expect(try first.rotate().changed == 5)
            #expect(try first.rotate().same == 5, "done once is done")
            try check(first)
            let second = KeyFiles(folder: folder, seal: Seal(current: new, previous: [old], cipher: .aes256GCM))
            try check(second, "a reader with the next configuration reads what is not rotated yet")
            #expect(try second.rotate().changed == 5)
            try check(KeyFiles(folder: folder, seal: Seal(current: new)))
            let under = KeyInventory.Under(keyID: new.id, cipher: .aes256GCM)
            #expect(try second.inventory().sealed == [under: 5])
            let off = KeyFiles(folder: folder, seal: Seal(current: nil, previous: [new]))
            #expect(try off.rotate().changed == 5)
            try check(KeyFiles(folder: folder, seal: .none))
            for (name, _) in Self.names {
                let mode = try FileManager.default.attributesOfItem(atPath: folder + "/" + name)[.posixPermissions]
                #expect(mode as? Int == 0o600)
            }
        }
    }

    @Test func `killed between any two files, a rotation is run again, and every reader reads on`() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("certadns-seal-\(UUID().uuidString)")
            .path
        try FileManager.default.createDirectory(atPath: folder + "/keys", withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let (old, new) = (try SealTests.key(1), try SealTests.key(2))
        try fill(KeyFiles(folder: folder, seal: Seal(current: old)))
        let next = KeyFiles(folder: folder, seal: Seal(current: new, previous: [old]))
        for count in 1...Self.names.count {
            await #expect(processExitsWith: .signal(SIGKILL)) {
                [folder = folder as String, count = count as Int] in
                let seal = Seal(current: try SealTests.key(2), previous: [try SealTests.key(1)])
                var seen = 0
                _ = try KeyFiles(folder: folder, seal: seal).rotate { _ in
                    seen += 1
                    if seen == count { kill(getpid(), SIGKILL) }
                }
            }
            try check(next, "killed after \(count)")
        }
        #expect(try next.rotate().same == 5)
        try check(KeyFiles(folder: folder, seal: Seal(current: new)))
    }

    @Test func `what a killed write left behind goes, and a name that looks like it stays`() throws {
        try with { folder in
            let files = KeyFiles(folder: folder, seal: Seal(current: try SealTests.key(1)))
            try fill(files)
            for name in ["keys/00aa.pem.new-12-34", "ca.key.new-1-2", "keys/account-x.json.new-5-6"] {
                try Data("-----BEGIN half".utf8).write(to: URL(fileURLWithPath: folder + "/" + name))
            }
            #expect(try files.rotate().leftovers == 3)
            try check(files)
        }
    }

    @Test func `swapped and damaged files and strange keys are each told by name, and the others are resealed`() throws
    {
        try with { folder in
            let old = try SealTests.key(1)
            let stranger = KeyFiles(folder: folder, seal: Seal(current: try SealTests.key(9)))
            let files = KeyFiles(folder: folder, seal: Seal(current: old))
            try fill(files)
            let (a, b) = (folder + "/keys/00aa.pem", folder + "/keys/11bb.pem")
            try FileManager.default.moveItem(atPath: a, toPath: folder + "/keys/c")
            try FileManager.default.moveItem(atPath: b, toPath: a)
            try FileManager.default.moveItem(atPath: folder + "/keys/c", toPath: b)
            try stranger.write(Array("{".utf8), to: folder + "/keys/account-https---ca.json", as: .account)
            let error = #expect(throws: Failure.self) { try files.read(a, as: .certificate) }
            #expect(error?.detail.contains("'\(a)' is damaged, or another file") == true)
            #expect(try files.inventory().unreadable.count == 3)
            let next = KeyFiles(folder: folder, seal: Seal(current: try SealTests.key(2), previous: [old]))
            let result = try next.rotate()
            #expect(result.changed == 2 && result.failed.count == 3)
            #expect(
                result.failed.contains {
                    $0.contains("sealed under another key (id \(stranger.seal.current?.id ?? ""))")
                })
        }
    }

    @Test func `a write beside a rotation is never written back`() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("certadns-seal-\(UUID().uuidString)")
            .path
        try FileManager.default.createDirectory(atPath: folder + "/keys", withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let (one, two) = (try SealTests.key(1), try SealTests.key(2))
        let path = folder + "/keys/account-a.json"
        try KeyFiles(folder: folder, seal: .none).write(Array("{0}".utf8), to: path, as: .account)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                for round in 0..<60 {
                    let seal =
                        round.isMultiple(of: 2)
                        ? Seal(current: one, previous: [two]) : Seal(current: two, previous: [one])
                    _ = try KeyFiles(folder: folder, seal: seal).rotate()
                }
            }
            group.addTask {
                let files = KeyFiles(folder: folder, seal: Seal(current: one, previous: [two]))
                for number in 1...60 {
                    let octets = Array("{\(number)}".utf8)
                    try files.write(octets, to: path, as: .account)
                    #expect(try files.read(path, as: .account) == octets)
                }
            }
            try await group.waitForAll()
        }
    }
}
