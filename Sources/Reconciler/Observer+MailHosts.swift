import DNS
import MTASTS
import Planning
import Ports

extension Observer {
    /// No domain has more; one that has makes nobody wait for all of them.
    private static var mostMailHosts: Int { 32 }

    /// What the mail hosts that no pattern matches show to senders, all asked at once.
    func check(
        _ mail: [LiveMX], beyond known: [MXPattern], by probe: any MailHostProbe
    ) async -> [DomainName: MailHostVerdict] {
        await withTaskGroup(of: (DomainName, MailHostVerdict).self) { group in
            var asked: Set<DomainName> = []
            for mx in mail where !known.contains(where: { $0.matches(mx.host) }) {
                guard asked.insert(mx.host).inserted else { continue }
                if asked.count > Self.mostMailHosts {
                    let why = Unknown("no more than \(Self.mostMailHosts) mail hosts are asked", passing: false)
                    group.addTask { (mx.host, .unknown(why)) }
                    continue
                }
                group.addTask {
                    switch mx.target {
                    case .addresses(let addresses): (mx.host, await probe.check(mx.host, at: addresses))
                    case .alias(let name):
                        (mx.host, .unknown(Unknown("it is an alias, of \(name)", passing: false)))
                    case .nowhere: (mx.host, .unknown(Unknown("it has no address", passing: false)))
                    case .unknown(let reason): (mx.host, .unknown(Unknown(reason)))
                    }
                }
            }
            var found: [DomainName: MailHostVerdict] = [:]
            for await (host, verdict) in group { found[host] = verdict }
            return found
        }
    }
}
