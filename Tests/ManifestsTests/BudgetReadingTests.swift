import Findings
import Manifests
import Planning
import Testing

/// `issuer: {budget: …}` of certadns.yaml.
@Suite struct BudgetReadingTests {
    private func read(_ budget: String) -> (configuration: Configuration?, findings: [Finding]) {
        ManifestProbe.configuration(
            Samples.configuration.replacing(
                "issuer: {type: local}",
                with: "issuer: {type: acme, directory: \"https://ca.example/dir\", budget: \(budget)}"))
    }

    private func budget(_ text: String) -> BudgetChoices? {
        guard case .acme(let choices)? = read(text).configuration?.issuer else { return nil }
        return choices.budget
    }

    @Test func `limits are as they are written, the preset's where they are not`() {
        #expect(budget("lets-encrypt") == BudgetChoices(limits: .letsEncrypt))
        #expect(budget("null") == nil)
        #expect(
            budget("{orders: {limit: 10, per: 3h}, renewals_exempt: true, public_suffixes: list.dat}")
                == BudgetChoices(
                    limits: BudgetLimits(orders: .init(10, per: 10_800), exemptsRenewals: true), suffixes: "list.dat"))
        var limits = BudgetLimits.letsEncrypt
        limits.registeredDomain = .init(500, per: 604_800)
        limits.exemptsRenewals = false
        #expect(
            budget("{preset: lets-encrypt, registered_domain: {limit: 500, per: 7d}, renewals_exempt: false}")
                == BudgetChoices(limits: limits))
        #expect(
            budget("{duplicates: {limit: 1, per: 60}, failed_authorisations: {limit: 2, per: 1h}}")?.limits
                == BudgetLimits(duplicates: .init(1, per: 60), failedAuthorisations: .init(2, per: 3_600)))
    }

    @Test(arguments: [
        ("lets-encript", "did you mean 'lets-encrypt'?"), ("{orders: 300}", "'issuer.budget.LIMIT' is a single value"),
        ("{orders: {limit: 0, per: 3h}}", "a whole number from 1 to 1000000"),
        ("{orders: {limit: 3, per: 0}}", "1 second to 366 days are wanted"),
        ("{orders: {limit: 3, per: 53w}}", "1 second to 366 days are wanted"),
        ("{orders: {limit: 3}}", "'per' is missing"), ("{order: {limit: 3, per: 3h}}", "did you mean 'orders'?"),
        ("[lets-encrypt]", "'issuer.budget' is a list"),
    ])
    func `what can't be meant is said`(text: String, words: String) {
        let read = read(text)
        #expect(read.configuration == nil)
        #expect(read.findings.contains { "\($0.message) \($0.action)".contains(words) }, "\(read.findings)")
    }
}
