/// Edits of the sample certadns.yaml, each with all that must be said about it.
extension MalformedTests {
    static let configurations: [Malformed] = [
        Malformed(
            "no single value", "state: state", "state: [state]",
            "1:8 wrong-type: 'state' is a list, and a single value is wanted -> write one value"),
        Malformed(
            "no share of zones", "state: state", "max_withdrawals: 110%",
            "1:18 bad-value: 'max_withdrawals' is '110%', and a number of zones or a share of them is wanted -> write a number from 1, or a share from 0% to 100%"
        ),
        Malformed(
            "no share of zones", "state: state", "max_withdrawals: 0",
            "1:18 bad-value: 'max_withdrawals' is '0', and a number of zones or a share of them is wanted -> write a number from 1, or a share from 0% to 100%"
        ),
        Malformed(
            "unknown key", "state: state", "sate: state",
            "1:1 unknown-key: 'sate' is no key of certadns.yaml -> did you mean 'state'?"),
        Malformed(
            "unknown type of provider", "type: rfc2136", "type: rfc2163",
            "3:19 bad-value: 'rfc2163' is no type of provider -> did you mean 'rfc2136'?"),
        Malformed(
            "provider without a type", "type: rfc2136, ", "",
            "3:12 missing-key: the provider 'primary' has no 'type' -> add 'type: rfc2136' or 'type: zonefile'"),
        Malformed(
            "no address with a port", "server: \"192.0.2.53:53\"", "server: \"ns1.example.com\"",
            "3:36 bad-value: 'server' is 'ns1.example.com', which is no address with a port -> write an address and a port, such as 192.0.2.53:53 or [2001:db8::1]:53"
        ),
        Malformed(
            "no address with a port", "server: \"192.0.2.53:53\"", "server: \"192.0.2.53:99999\"",
            "3:36 bad-value: 'server' is '192.0.2.53:99999', which is no address with a port -> write an address and a port, such as 192.0.2.53:53 or [2001:db8::1]:53"
        ),
        Malformed(
            "required key missing", "server: \"192.0.2.53:53\", ", "",
            "3:12 missing-key: 'server' is missing in providers.NAME (rfc2136) -> add 'server:' with address:port"),
        Malformed(
            "literal secret", "\"env:CERTADNS_TSIG\"", "\"c2VjcmV0LXNlY3JldA==\"",
            "3:107 secret-literal: a secret stands here in the open -> replace it by 'env:NAME' or 'file:PATH', and change the secret"
        ),
        Malformed(
            "literal secret", "\"env:CERTADNS_TSIG\"", "\"env:\"",
            "3:107 secret-literal: a secret stands here in the open -> replace it by 'env:NAME' or 'file:PATH', and change the secret"
        ),
        Malformed(
            "unknown way to read", "server: \"192.0.2.53:53\"", "read: axfr, server: \"192.0.2.53:53\"",
            "3:34 bad-value: 'axfr' is no way to read a zone -> use query or transfer"),
        Malformed(
            "unknown algorithm", "algorithm: hmac-sha256", "algorithm: hmac-md5",
            "3:86 bad-value: 'hmac-md5' is no TSIG algorithm that is offered -> use hmac-sha256 or hmac-sha512"),
        Malformed(
            "required key missing", "name: certadns, ", "",
            "3:58 missing-key: 'name' is missing in providers.NAME.key -> add 'name:' with domain name"),
        Malformed(
            "no key name", "name: certadns", "name: certa..dns",
            "3:65 bad-value: 'certa..dns' is no key name -> write it as the server has it"),
        Malformed(
            "unknown key", "folder: zonefiles", "fodler: zonefiles",
            "4:27 unknown-key: 'fodler' is no key of providers.NAME (zonefile) -> did you mean 'folder'?",
            "4:10 missing-key: 'folder' is missing in providers.NAME (zonefile) -> add 'folder:' with folder"),
        Malformed(
            "unknown type of issuer", "issuer: {type: local}", "issuer: {type: acne}",
            "5:16 bad-value: 'acne' is no type of issuer -> did you mean 'acme'?"),
        Malformed(
            "no map of keys", "issuer: {type: local}", "issuer: local",
            "5:9 wrong-type: 'issuer' is a single value, and a map of keys is wanted -> write 'key: value' lines: type"),
        Malformed(
            "no list", "addresses: [192.0.2.80, \"2001:db8::80\"]", "addresses: 192.0.2.80 192.0.2.81",
            "6:26 wrong-type: 'addresses' is a single value, and a list is wanted -> write it in brackets: [192.0.2.80, 192.0.2.81]"
        ),
        Malformed(
            "no IP address", "addresses: [192.0.2.80, \"2001:db8::80\"]", "addresses: [192.0.2.800]",
            "6:27 bad-value: 'addresses' holds '192.0.2.800', which is no IP address -> write an IPv4 or IPv6 address"),
        Malformed(
            "empty list", "addresses: [192.0.2.80, \"2001:db8::80\"]", "addresses: []",
            "6:26 bad-value: 'addresses' is an empty list -> name at least one address"),
        Malformed(
            "policy host without a target", "addresses: [192.0.2.80, \"2001:db8::80\"], ", "",
            "6:14 missing-key: 'policy_host' has neither 'addresses' nor 'cname' -> add one of the two"),
        Malformed(
            "two targets", "addresses: [192.0.2.80, \"2001:db8::80\"]",
            "addresses: [192.0.2.80], cname: policy.example.net",
            "6:47 bad-value: 'policy_host' has 'addresses' and 'cname' -> keep one of the two"),
        Malformed(
            "no address with a port", "listen: \"0.0.0.0:443\"", "listen: \"443\"",
            "6:64 bad-value: 'listen' is '443', which is no address with a port -> write an address and a port, such as 192.0.2.53:53 or [2001:db8::1]:53"
        ),
        Malformed(
            "delimiter in a report address", "managed_reports: [\"mailto:tls-reports@example.net\"]",
            "managed_reports: [\"mailto:a!b@example.net\"]",
            "7:19 bad-value: '!' must be percent-encoded in a report address (RFC 8460 section 3) -> write mailto:reports@example.com or https://host/path"
        ),
        Malformed(
            "no address with a port", "resolvers: [\"127.0.0.1:53\"]", "resolvers: [localhost]",
            "8:23 bad-value: 'resolvers' is 'localhost', which is no address with a port -> write an address and a port, such as 192.0.2.53:53 or [2001:db8::1]:53"
        ),
        Malformed(
            "no number in its range", "https_port: 443", "https_port: 0",
            "8:52 bad-value: 'https_port' is '0', and a whole number from 1 to 65535 is wanted -> write such a number"),
        Malformed(
            "no duration in its range", "_mta-sts: 300", "_mta-sts: 2d",
            "10:17 bad-value: '_mta-sts' is 172800 seconds, and 0 to 86400 are wanted -> write such a duration, in seconds or with s, m, h, d or w"
        ),
        Malformed(
            "no default", "defaults: {mta_sts: {", "defaults: {zone: example.com, mta_sts: {",
            "9:18 unknown-key: 'zone' can't be a default -> write it in the manifests that it concerns"),
        Malformed(
            "no price", "price: 10 USD", "price: ten",
            "11:41 bad-value: 'ten' is no price -> write an amount and a currency, such as 10 USD or 9.50 EUR"),
        Malformed(
            "unknown add-on", "add_ons: {email-authentication", "add_ons: {email-authentification",
            "11:11 add-on-unknown: 'email-authentification' is no add-on -> did you mean 'email-authentication'?"),
        Malformed(
            "second document", "issuer:", "---\nissuer:",
            "5:1 yaml-documents: a second document begins here -> keep one document in a file"),
        Malformed(
            "tag", "issuer: {type: local}", "issuer: !acme {type: local}",
            "5:9 yaml-syntax: the tag '!acme' is not supported -> remove it"),
        Malformed(
            "key twice", "ttl: {_mta-sts: 300", "ttl: {_mta-sts: 300, _mta-sts: 300",
            "10:22 yaml-duplicate-key: the key '_mta-sts' stands here again; it was given in line 10 -> remove one of the two"
        ),
        Malformed(
            "provider that is no map", "{type: zonefile, folder: zonefiles}", "zonefiles",
            "4:10 wrong-type: the provider 'files' is a single value, and a map is wanted -> write '{type: rfc2136, server: …}' or '{type: zonefile, folder: …}'"
        ),
        Malformed(
            "add-ons that are no map", "{email-authentication: {price: 10 USD}}", "[email-authentication]",
            "11:10 wrong-type: 'add_ons' is a list, and a map is wanted -> write 'add_ons: {email-authentication: {price: 10 USD}}'"
        ),
        Malformed(
            "no domain name", "addresses: [192.0.2.80, \"2001:db8::80\"]", "cname: policy_host",
            "6:22 bad-value: 'cname' is 'policy_host', which is no domain name -> write a name such as example.com: letters, digits, hyphens, dots"
        ),
        Malformed(
            "no host with a port", "listen: \"0.0.0.0:443\"", "listen: \"0.0.0.0:443\", connect: \"policy host\"",
            "6:88 bad-value: 'connect' is 'policy host', which is no host with a port -> write host:port"),
        Malformed(
            "no https URL", "issuer: {type: local}", "issuer: {type: acme, directory: \"http://ca.example.net/\"}",
            "5:33 bad-value: 'http://ca.example.net/' is no https URL -> write the CA's directory, such as https://acme-v02.api.letsencrypt.org/directory"
        ),
        Malformed(
            "no contact that CAs take", "issuer: {type: local}",
            "issuer: {type: acme, directory: \"https://ca.example.net/\", contact: [ops@example.com]}",
            "5:70 bad-value: 'ops@example.com' is no contact that CAs take -> write a mail address as 'mailto:ops@example.com'"
        ),
        Malformed(
            "unknown choice", "issuer: {type: local}",
            "issuer: {type: acme, directory: \"https://ca.example.net/\", challenge: tls-alpn-01}",
            "5:71 bad-value: 'tls-alpn-01' is no 'challenge' that is known -> use dns-01, http-01"),
    ]
}
