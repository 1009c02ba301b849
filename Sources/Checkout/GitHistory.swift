package import Planning
import Ports

/// How the commit checked out stands to others, by git. One commit is asked for once, and one question is asked at a time: a fleet whose
/// zones were last applied at one commit costs three calls.
package actor GitHistory: SourceHistory {
    private let checkout: GitCheckout
    private let head: String?
    private var known: [String: Task<SourceStanding, Never>] = [:]
    private var last: Task<SourceStanding, Never>?

    /// The history behind `head`, the commit of which the manifests were read; `nil` where there is none.
    package init(_ checkout: GitCheckout, head: String?) {
        self.checkout = checkout
        self.head = head
    }

    package func standing(to commit: String) async -> SourceStanding {
        if let answer = known[commit] { return await answer.value }
        let before = last
        let task = Task { [checkout, head] in
            _ = await before?.value
            return await Self.ask(checkout, head, commit)
        }
        known[commit] = task
        last = task
        return await task.value
    }

    private static func ask(_ checkout: GitCheckout, _ head: String?, _ commit: String) async -> SourceStanding {
        guard let head else {
            return .untold(
                "the manifests lie in no checkout of git, or git can't be run",
                remedy: "run where the repository is checked out, and git is installed")
        }
        if head == commit { return .same }
        let isNewer = await checkout.leads(from: head, to: commit)
        if isNewer == true { return .newer }
        let isOlder = await checkout.leads(from: commit, to: head)
        if isOlder == true { return .older }
        guard let isShallow = await checkout.isShallow() else {
            return .untold(
                "git did not say whether this clone has all of the history",
                remedy:
                    "run 'git rev-parse --is-shallow-repository' in the folder of the manifests, and mend what it says")
        }
        // Where history is cut off, git's 'no' is none.
        if isShallow {
            return .untold(
                "this clone is shallow",
                remedy: "fetch all of the history ('git fetch --unshallow', or 'fetch-depth: 0' in the job)")
        }
        guard isNewer != nil, isOlder != nil else {
            return .untold(
                "this repository does not know that commit",
                remedy: "fetch the branch that it is on; if history was rewritten, look whether anything was lost")
        }
        return .untold(
            "neither descends from the other",
            remedy: "merge them; if history was rewritten, look whether anything was lost"
        )
    }
}
