package import DNS
import DNSClient
package import MTASTS
package import Planning
import Ports

extension AuthoritativeWatcher: ReplacementWatcher {
    package func look(at name: DomainName, for id: PolicyID?) async -> ReplacementLook {
        var look = ReplacementLook()
        for (server, answer) in await everyAnswer(name) {
            switch answer {
            case .success(let data):
                let texts = data.compactMap { if case .txt(let text) = $0 { text.joined } else { nil } }
                if PolicyIdentity.announcedID(in: texts) != id { look.lagging.append(server) }
            case .failure(let why): look.silent.append("\(server) (\(why.reason))")
            }
        }
        look.lagging.sort()
        look.silent.sort()
        if !look.silent.isEmpty { look.expire = await expire(of: name) ?? look.expire }
        return look
    }

    /// The expire of the zone that `name` lies in, as the resolver knows it.
    private func expire(of name: DomainName) async -> Int? {
        var name: DomainName? = name
        while let current = name, current != .root {
            if case .value(let answer) = await resolver.resolve(current, .soa), answer.aliases.isEmpty {
                for case .soa(let soa) in answer.data { return Int(soa.expire) }
            }
            name = current.parent
        }
        return nil
    }
}
