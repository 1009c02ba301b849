package import Planning

/// What version control says of the manifests' history.
///
/// Contract: reads only, and asks nobody over a network; bounded in time; whatever it can't tell, it says so. Asked for one commit again
/// it gives the same answer without asking again.
package protocol SourceHistory: Sendable {
    /// How the commit that is checked out stands to `commit`.
    func standing(to commit: String) async -> SourceStanding
}
