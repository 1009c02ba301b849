import Findings
import Foundation
import Planning
import Testing

/// Valid files made malformed by one edit each, and all that must be said about it: place, code, message and what to do.
@Suite struct MalformedTests {
    @Test(arguments: manifests)
    func `a malformed manifest says where, what and what to do`(_ edit: Malformed) async throws {
        let text = Samples.manifest.replacing(edit.old, with: edit.new, maxReplacements: 1)
        #expect(text != Samples.manifest, "the edit changes nothing")
        let wish = try await ManifestProbe.wish(text)
        #expect(wish.wish == .unknown)
        #expect(ManifestProbe.errors(wish.findings) == edit.expected)
    }

    @Test(arguments: configurations)
    func `a malformed configuration says where, what and what to do`(_ edit: Malformed) {
        let text = Samples.configuration.replacing(edit.old, with: edit.new, maxReplacements: 1)
        #expect(text != Samples.configuration, "the edit changes nothing")
        let read = ManifestProbe.configuration(text)
        #expect(read.configuration == nil)
        #expect(ManifestProbe.errors(read.findings) == edit.expected)
    }

    @Test func `what the edits are made of is valid`() async throws {
        #expect(ManifestProbe.configuration(Samples.configuration).findings.isEmpty)
        let wish = try await ManifestProbe.wish(Samples.manifest)
        #expect(wish.findings.isEmpty && wish.wish != .unknown)
    }

    @Test func `there are eighty cases and more, twenty in the configuration, at most four of a kind`() {
        let all = Self.manifests + Self.configurations
        #expect(all.count >= 80)
        #expect(Self.configurations.count >= 20)
        for (kind, cases) in Dictionary(grouping: all, by: \.kind) { #expect(cases.count <= 4, "\(kind)") }
        #expect(Set(all.map { "\($0.old) -> \($0.new)" }).count == all.count, "a case stands here twice")
    }

    /// A kind is a defect of one rule: the same words about another key, value or map are no other kind.
    @Test func `one rule's words are one kind, however the cases are named`() {
        let all = Self.manifests + Self.configurations
        for (words, cases) in Dictionary(grouping: all, by: \.words) {
            #expect(Set(cases.map(\.kind)).count == 1, "\(words)")
        }
    }
}

extension Malformed {
    /// The first finding's code and message without what they are about.
    fileprivate var words: String {
        let message = (expected.first ?? "").split(separator: " -> ").first ?? ""
        return String(message.drop { $0 != " " })
            .replacing(/'[^']*'/, with: "_").replacing(/[0-9]+/, with: "#")
            .replacing(/is (a list|a map|a single value|empty)/, with: "is _")
            .replacing(/(no key of|missing in) .*/) { "\($0.1)" }
    }
}
