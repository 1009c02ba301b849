import Findings
import Testing

@Suite struct RedactedTests {
    @Test func `a secret shows in no description`() {
        let secret = Redacted("hunter2")
        var dumped = ""
        dump(secret, to: &dumped)
        for text in ["\(secret)", String(reflecting: secret), dumped] { #expect(!text.contains("hunter2")) }
        #expect(secret.reveal() == "hunter2")
    }
}

@Suite struct FindingCodeTests {
    @Test func `codes are kebab-case and differ`() {
        let codes = FindingCode.allCases.map(\.rawValue)
        #expect(Set(codes).count == codes.count)
        for code in codes { #expect(code.allSatisfy { $0.isLowercase || $0 == "-" }, "\(code)") }
    }
}
