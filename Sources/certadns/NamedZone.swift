import DNS
import Manifests
import Ports

extension ZoneArguments {
    /// A zone that a command can't do without.
    static func name(_ text: String) throws -> DomainName {
        guard let name = ZoneName.parse(key: text) else {
            throw Refusal(message: "'\(text)' is no domain name", action: "name a zone")
        }
        return name
    }
}
