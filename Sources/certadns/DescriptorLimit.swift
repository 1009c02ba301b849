import Foundation

/// How many files and connections this process may have open.
enum DescriptorLimit {
    /// Takes all that the system allows, since many systems start a service with 1,024; gives the limit that now holds.
    static func raise() -> Int {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 1_024 }
        var wanted = limit
        wanted.rlim_cur = limit.rlim_max
        if setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &wanted) == 0 { limit = wanted }
        return Int(min(limit.rlim_cur, 1_000_000))
    }

    /// How many of so many descriptors connections may take: some are left for the store, keys and other servers.
    static func connections(of descriptors: Int) -> Int { max(1, descriptors - min(256, descriptors / 2)) }
}
