/// A number of zones, or a share of those that are managed: what the limits of a fleet are stated in.
package enum FleetShare: Hashable, Sendable {
    /// So many.
    case zones(Int)
    /// So many of a hundred.
    case percent(Int)

    /// How many zones that is where so many are managed.
    func of(_ managed: Int) -> Int {
        switch self {
        case .zones(let count): count
        case .percent(let share): managed * share / 100
        }
    }
}
