/// What one file may cost. Beyond a limit is an error with its place, never a slow or large success.
package struct YAMLLimits: Hashable, Sendable {
    /// Octets of a file.
    package var octets = 1 << 20
    /// Nesting of maps and lists.
    package var depth = 24
    /// Nodes, those that aliases repeat included.
    package var nodes = 100_000
    /// Keys of one map.
    package var keys = 1_000
    /// Findings that are told of one file.
    package var findings = 100
    /// Aliases.
    package var aliases = 100

    /// The usual limits.
    package init() {}
}
