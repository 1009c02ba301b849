import Findings
import Planning
import Testing

/// At least eighty edits, at most four of a kind, each with its whole message (twenty and more in certadns.yaml).
@Suite struct MalformedTests {
    @Test(arguments: manifests)
    func `a malformed manifest says where, what and what to do`(_ edit: Malformed) async throws {
        let text = Samples.manifest.replacing(edit.old, with: edit.new, maxReplacements: 1)
        #expect(text != Samples.manifest, "the edit changes nothing")
        let wish = try await ManifestProbe.wish(text)
        #expect(wish.wish == .unknown)
        #expect(wish.findings.filter { $0.severity == .error }.first.map(ManifestProbe.line) == edit.expected)
    }

    @Test(arguments: configurations)
    func `a malformed configuration says where, what and what to do`(_ edit: Malformed) {
        let text = Samples.configuration.replacing(edit.old, with: edit.new, maxReplacements: 1)
        #expect(text != Samples.configuration, "the edit changes nothing")
        let read = ManifestProbe.configuration(text)
        #expect(read.configuration == nil)
        #expect(read.findings.filter { $0.severity == .error }.first.map(ManifestProbe.line) == edit.expected)
    }

    @Test func `there are eighty cases and more`() {
        #expect(Self.manifests.count + Self.configurations.count >= 80)
        #expect(Self.configurations.count >= 20)
    }

    static let manifests: [Malformed] = [
        Malformed(
            "zone: example.com", "zone: example.net",
            "1:7 zone-name-mismatch: the manifest is for 'example.net', but its file is named after 'example.com' -> rename the file to example.net.yaml, or mend 'zone'"
        ),
        Malformed(
            "zone: example.com\n", "",
            "1:1 missing-key: 'zone' is missing in the manifest -> add 'zone:' with domain name"),
        Malformed(
            "zone: example.com", "zone: [example.com]",
            "1:7 wrong-type: 'zone' is a list, and a single value is wanted -> write one value"),
        Malformed(
            "zone: example.com", "zone: exa mple",
            "1:7 bad-value: 'zone' is 'exa mple', which is no domain name -> write a name such as example.com: letters, digits, hyphens, dots"
        ),
        Malformed(
            "zone: example.com", "zone: com",
            "1:7 bad-value: 'zone' is 'com', which is no domain name -> write a name such as example.com: letters, digits, hyphens, dots"
        ),
        Malformed(
            "zone: example.com", "zone: 192.0.2.1",
            "1:7 bad-value: 'zone' is '192.0.2.1', which is no domain name -> write a name such as example.com: letters, digits, hyphens, dots"
        ),
        Malformed(
            "zone: example.com", "zoen: example.com",
            "1:1 unknown-key: 'zoen' is no key of the manifest -> did you mean 'zone'?"),
        Malformed(
            "zone: example.com", "\tzone: example.com",
            "1:1 yaml-syntax: a tab indents this line, and YAML wants spaces -> replace the tab by spaces"),
        Malformed(
            "zone: example.com", "zone: example.com\nzone: example.com",
            "2:1 yaml-duplicate-key: the key 'zone' stands here again; it was given in line 1 -> remove one of the two"),
        Malformed(
            "zone: example.com", "- zone",
            "2:1 yaml-syntax: this is no valid YAML: while parsing a block collection: did not find expected '-' indicator -> mend the syntax here"
        ),
        Malformed(
            "zone: example.com", "zone: &a example.com\nx: *b",
            "2:4 yaml-syntax: the alias '*b' has no anchor before it -> write '&b' at the value it means"),
        Malformed(
            "zone: example.com", "zone: !!str example.com",
            "1:7 yaml-syntax: the tag 'tag:yaml.org,2002:str' is not supported -> remove it"),
        Malformed(
            "[email-authentication]", "email-authentication",
            "2:10 wrong-type: 'add_ons' is a single value, and a list is wanted -> write it in brackets: [email-authentication]"
        ),
        Malformed(
            "[email-authentication]", "[email-authenticaton]",
            "2:11 add-on-unknown: 'email-authenticaton' is no add-on -> did you mean 'email-authentication'?"),
        Malformed(
            "[email-authentication]", "[vanity]",
            "2:11 add-on-unknown: 'vanity' is no add-on -> use email-authentication"),
        Malformed(
            "[email-authentication]", "[email-authentication",
            "3:4 yaml-syntax: this is no valid YAML: while parsing a flow sequence: did not find expected ',' or ']' -> mend the syntax here"
        ),
        Malformed(
            "[email-authentication]", "[[email-authentication]]",
            "2:11 wrong-type: 'add_ons' is a list, and a single value is wanted -> write one value"),
        Malformed(
            "dns: primary", "dns: primry",
            "3:6 provider-unknown: 'primry' is no provider of certadns.yaml -> did you mean 'primary'?"),
        Malformed(
            "dns: primary", "dns: route53",
            "3:6 provider-unknown: 'route53' is no provider of certadns.yaml -> use one of files, primary"),
        Malformed(
            "dns: primary\n", "",
            "1:1 missing-key: 'dns' is missing, and there are several providers -> add 'dns:' with one of files, primary"
        ),
        Malformed(
            "dns: primary", "dns: [primary]",
            "3:6 wrong-type: 'dns' is a list, and a single value is wanted -> write one value"),
        Malformed(
            "dns: primary", "dns: {server: 192.0.2.1}",
            "3:6 wrong-type: 'dns' is a map, and a single value is wanted -> write one value"),
        Malformed(
            "mode: testing", "mode: testng",
            "5:9 bad-value: 'testng' is no mode -> did you mean 'testing'?"),
        Malformed(
            "mode: testing", "mode: report",
            "5:9 bad-value: 'report' is no mode -> use enforce, testing or none"),
        Malformed(
            "mode: testing", "mode: Testing",
            "5:9 bad-value: 'Testing' is no mode -> did you mean 'testing'?"),
        Malformed(
            "mode: testing", "mode: {a: b}",
            "5:9 wrong-type: 'mode' is a map, and a single value is wanted -> write one value"),
        Malformed(
            "mode: testing", "modus: testing",
            "5:3 unknown-key: 'modus' is no key of mta_sts -> use one of mode, mx, max_age, generation"),
        Malformed(
            "mx: {derived: true, also: [mx-new.example.net]}", "mx: auto",
            "6:7 wrong-type: 'mx' is 'auto', and 'derived', a list or a map is wanted -> write 'mx: derived' or 'mx: [mx1.example.com]'"
        ),
        Malformed(
            "mx: {derived: true, also: [mx-new.example.net]}", "mx: []",
            "6:7 bad-value: 'mx' is an empty list -> name the mail hosts, or write 'mx: derived'"),
        Malformed(
            "mx: {derived: true, also: [mx-new.example.net]}", "mx: [\"*.*.example.net\"]",
            "6:8 bad-value: '*.*.example.net' has a wildcard that is not the whole first label ('*.example.net') -> write a host such as mx1.example.com, or *.example.com"
        ),
        Malformed(
            "mx: {derived: true, also: [mx-new.example.net]}", "mx: [192.0.2.25]",
            "6:8 bad-value: '192.0.2.25' is no host name (letters, digits, hyphens; no final dot) -> write a host such as mx1.example.com, or *.example.com"
        ),
        Malformed(
            "mx: {derived: true, also: [mx-new.example.net]}", "mx: [mx.example.net.]",
            "6:8 bad-value: 'mx.example.net.' is no host name (letters, digits, hyphens; no final dot) -> write a host such as mx1.example.com, or *.example.com"
        ),
        Malformed(
            "mx: {derived: true, also: [mx-new.example.net]}", "mx: [mx_1.example.net]",
            "6:8 bad-value: 'mx_1.example.net' is no host name (letters, digits, hyphens; no final dot) -> write a host such as mx1.example.com, or *.example.com"
        ),
        Malformed(
            "derived: true", "derived: false",
            "6:17 bad-value: 'derived: false' leaves no pattern -> write a list of patterns as 'mx'"),
        Malformed(
            "derived: true", "derived: yes",
            "6:17 wrong-type: 'derived' is neither true nor false -> write true or false"),
        Malformed(
            "derived: true, ", "",
            "6:7 missing-key: 'derived' is missing in mta_sts.mx -> add 'derived:' with `true`"),
        Malformed(
            "also: [mx-new.example.net]", "also: mx-new.example.net",
            "6:29 wrong-type: 'also' is a single value, and a list is wanted -> write it in brackets: [mx-new.example.net]"
        ),
        Malformed(
            "also:", "alos:",
            "6:23 unknown-key: 'alos' is no key of mta_sts.mx -> did you mean 'also'?"),
        Malformed(
            "max_age: 7d", "max_age: 7x",
            "7:12 bad-value: 'max_age' is '7x', which is no duration -> write seconds, or a number with h, d or w, such as 7d"
        ),
        Malformed(
            "max_age: 7d", "max_age: -1",
            "7:12 bad-value: 'max_age' is '-1', which is no duration -> write seconds, or a number with h, d or w, such as 7d"
        ),
        Malformed(
            "max_age: 7d", "max_age: 53w",
            "7:12 bad-value: 'max_age' is 32054400 seconds, and RFC 8461 allows 0 to 31557600 -> write at most 31557599, such as 52w"
        ),
        Malformed(
            "max_age: 7d", "max_age: 1e3",
            "7:12 bad-value: 'max_age' is '1e3', which is no duration -> write seconds, or a number with h, d or w, such as 7d"
        ),
        Malformed(
            "max_age: 7d", "max-age: 7d",
            "7:3 unknown-key: 'max-age' is no key of mta_sts -> did you mean 'max_age'?"),
        Malformed(
            "generation: 1", "generation: 0",
            "8:15 bad-value: 'generation' is '0', and a whole number from 1 to 1000000 is wanted -> write such a number"
        ),
        Malformed(
            "generation: 1", "generation: 010",
            "8:15 bad-value: 'generation' is '010', and a whole number from 1 to 1000000 is wanted -> write such a number"
        ),
        Malformed(
            "generation: 1", "generation: one",
            "8:15 bad-value: 'generation' is 'one', and a whole number from 1 to 1000000 is wanted -> write such a number"
        ),
        Malformed(
            "tls_rpt:\n  rua: [managed, \"mailto:tls-reports@example.com\", \"https://reports.example.com/v1\"]",
            "tls_rpt: {}",
            "9:10 missing-key: 'rua' is missing in tls_rpt -> add 'rua:' with list of `managed`, `mailto:` and `https:` addresses"
        ),
        Malformed(
            "tls_rpt:\n  rua: [managed, \"mailto:tls-reports@example.com\", \"https://reports.example.com/v1\"]",
            "tls_rpt: yes",
            "9:10 wrong-type: 'tls_rpt' is a single value, and a map of keys is wanted -> write 'key: value' lines: rua"
        ),
        Malformed(
            "[managed, \"mailto:tls-reports@example.com\", \"https://reports.example.com/v1\"]", "[]",
            "10:8 bad-value: 'rua' is an empty list -> name at least one address, or remove 'tls_rpt'"),
        Malformed(
            "[managed, \"mailto:tls-reports@example.com\", \"https://reports.example.com/v1\"]", "managed",
            "10:8 wrong-type: 'rua' is a single value, and a list is wanted -> write it in brackets: [managed]"),
        Malformed(
            "\"mailto:tls-reports@example.com\"", "tls-reports@example.com",
            "10:18 bad-value: 'tls-reports@example.com' is no URI; write 'mailto:reports@example.com' or 'https://host/path' -> write mailto:reports@example.com or https://host/path"
        ),
        Malformed(
            "\"mailto:tls-reports@example.com\"", "\"MAILTO:tls-reports@example.com\"",
            "10:18 bad-value: 'MAILTO:' must be in lower case, since some senders take no other -> write mailto:reports@example.com or https://host/path"
        ),
        Malformed(
            "\"https://reports.example.com/v1\"", "\"http://reports.example.com/v1\"",
            "10:52 bad-value: 'http:' is no way to send TLS reports; 'mailto:' and 'https:' are -> write mailto:reports@example.com or https://host/path"
        ),
        Malformed(
            "\"https://reports.example.com/v1\"", "\"https://reports.example.com/v1?zone=a\"",
            "10:52 bad-value: '?' in a report address breaks some senders; leave query strings away -> write mailto:reports@example.com or https://host/path"
        ),
        Malformed(
            "code: max-age-range", "code: max-age-rnge",
            "12:12 bad-value: 'max-age-rnge' is no finding code -> did you mean 'max-age-range'?"),
        Malformed(
            "code: max-age-range, ", "",
            "12:5 missing-key: 'code' is missing in waivers[] -> add 'code:' with finding code"),
        Malformed(
            "reason: \"known\"", "reason: \" \"",
            "12:35 bad-value: the waiver gives no reason -> say why the finding is accepted"),
        Malformed(
            "until: 2027-01-31", "until: 31.1.2027",
            "12:51 bad-value: '31.1.2027' is no date -> write it as 2027-01-31"),
        Malformed(
            "waivers:\n  - {", "waivers:\n  {",
            "12:3 wrong-type: 'waivers' is a map, and a list is wanted -> write it in brackets: […]"),
        Malformed(
            "tls_rpt:", "---\ntls_rpt:",
            "9:1 yaml-documents: a second document begins here -> keep one document in a file"),
        Malformed(
            "tls_rpt:", "tls_rpt:: ",
            "9:1 unknown-key: 'tls_rpt:' is no key of the manifest -> did you mean 'tls_rpt'?"),
        Malformed(
            "tls_rpt:", "secret: \"env:HOME\"\ntls_rpt:",
            "9:1 unknown-key: 'secret' is no key of the manifest -> use one of zone, add_ons, mail, dns, mta_sts, tls_rpt, adopt, waivers"
        ),
    ]

    static let configurations: [Malformed] = [
        Malformed(
            "state: state", "state: [state]",
            "1:8 wrong-type: 'state' is a list, and a single value is wanted -> write one value"),
        Malformed(
            "state: state", "sate: state",
            "1:1 unknown-key: 'sate' is no key of certadns.yaml -> did you mean 'state'?"),
        Malformed(
            "type: rfc2136", "type: rfc2163",
            "3:19 bad-value: 'rfc2163' is no type of provider -> did you mean 'rfc2136'?"),
        Malformed(
            "type: rfc2136, ", "",
            "3:12 missing-key: the provider 'primary' has no 'type' -> add 'type: rfc2136' or 'type: zonefile'"),
        Malformed(
            "server: \"192.0.2.53:53\"", "server: \"ns1.example.com\"",
            "3:36 bad-value: 'server' is 'ns1.example.com', which is no address with a port -> write an address and a port, such as 192.0.2.53:53 or [2001:db8::1]:53"
        ),
        Malformed(
            "server: \"192.0.2.53:53\"", "server: \"192.0.2.53:99999\"",
            "3:36 bad-value: 'server' is '192.0.2.53:99999', which is no address with a port -> write an address and a port, such as 192.0.2.53:53 or [2001:db8::1]:53"
        ),
        Malformed(
            "server: \"192.0.2.53:53\", ", "",
            "3:12 missing-key: 'server' is missing in providers.NAME (rfc2136) -> add 'server:' with address:port"),
        Malformed(
            "\"env:CERTADNS_TSIG\"", "\"c2VjcmV0LXNlY3JldA==\"",
            "3:107 secret-literal: a secret stands here in the open -> replace it by 'env:NAME' or 'file:PATH', and change the secret"
        ),
        Malformed(
            "\"env:CERTADNS_TSIG\"", "\"env:\"",
            "3:107 secret-literal: a secret stands here in the open -> replace it by 'env:NAME' or 'file:PATH', and change the secret"
        ),
        Malformed(
            "server: \"192.0.2.53:53\"", "read: axfr, server: \"192.0.2.53:53\"",
            "3:34 bad-value: 'axfr' is no way to read a zone -> use query or transfer"),
        Malformed(
            "algorithm: hmac-sha256", "algorithm: hmac-md5",
            "3:86 bad-value: 'hmac-md5' is no TSIG algorithm that is offered -> use hmac-sha256 or hmac-sha512"),
        Malformed(
            "name: certadns, ", "",
            "3:58 missing-key: 'name' is missing in providers.NAME.key -> add 'name:' with domain name"),
        Malformed(
            "name: certadns", "name: certa..dns",
            "3:65 bad-value: 'certa..dns' is no key name -> write it as the server has it"),
        Malformed(
            "folder: zonefiles", "fodler: zonefiles",
            "4:27 unknown-key: 'fodler' is no key of providers.NAME (zonefile) -> did you mean 'folder'?"),
        Malformed(
            "issuer: {type: local}", "issuer: {type: acne}",
            "5:16 bad-value: 'acne' is no type of issuer -> did you mean 'acme'?"),
        Malformed(
            "issuer: {type: local}", "issuer: local",
            "5:9 wrong-type: 'issuer' is a single value, and a map of keys is wanted -> write 'key: value' lines: type"),
        Malformed(
            "addresses: [192.0.2.80, \"2001:db8::80\"]", "addresses: 192.0.2.80",
            "6:26 wrong-type: 'addresses' is a single value, and a list is wanted -> write it in brackets: [192.0.2.80]"
        ),
        Malformed(
            "addresses: [192.0.2.80, \"2001:db8::80\"]", "addresses: [192.0.2.800]",
            "6:27 bad-value: 'addresses' holds '192.0.2.800', which is no IP address -> write an IPv4 or IPv6 address"),
        Malformed(
            "addresses: [192.0.2.80, \"2001:db8::80\"]", "addresses: []",
            "6:26 bad-value: 'addresses' is an empty list -> name at least one address"),
        Malformed(
            "addresses: [192.0.2.80, \"2001:db8::80\"], ", "",
            "6:14 missing-key: 'policy_host' has neither 'addresses' nor 'cname' -> add one of the two"),
        Malformed(
            "addresses: [192.0.2.80, \"2001:db8::80\"]", "addresses: [192.0.2.80], cname: policy.example.net",
            "6:47 bad-value: 'policy_host' has 'addresses' and 'cname' -> keep one of the two"),
        Malformed(
            "listen: \"0.0.0.0:443\"", "listen: \"443\"",
            "6:64 bad-value: 'listen' is '443', which is no address with a port -> write an address and a port, such as 192.0.2.53:53 or [2001:db8::1]:53"
        ),
        Malformed(
            "managed_reports: [\"mailto:tls-reports@example.net\"]", "managed_reports: [\"mailto:a!b@example.net\"]",
            "7:19 bad-value: '!' must be percent-encoded in a report address (RFC 8460 section 3) -> write mailto:reports@example.com or https://host/path"
        ),
        Malformed(
            "resolvers: [\"127.0.0.1:53\"]", "resolvers: [localhost]",
            "8:23 bad-value: 'resolvers' is 'localhost', which is no address with a port -> write an address and a port, such as 192.0.2.53:53 or [2001:db8::1]:53"
        ),
        Malformed(
            "https_port: 443", "https_port: 0",
            "8:52 bad-value: 'https_port' is '0', and a whole number from 1 to 65535 is wanted -> write such a number"),
        Malformed(
            "_mta-sts: 300", "_mta-sts: 5m",
            "10:17 bad-value: '_mta-sts' is '5m', and a whole number from 0 to 86400 is wanted -> write such a number"),
        Malformed(
            "default: 3600", "default: 700000",
            "10:31 bad-value: 'default' is '700000', and a whole number from 0 to 604800 is wanted -> write such a number"
        ),
        Malformed(
            "defaults: {mta_sts: {", "defaults: {zone: example.com, mta_sts: {",
            "9:18 unknown-key: 'zone' can't be a default -> write it in the manifests that it concerns"),
        Malformed(
            "defaults: {mta_sts: {mode", "defaults: {mta_sts: {moed",
            "9:22 unknown-key: 'moed' is no key of mta_sts -> did you mean 'mode'?"),
        Malformed(
            "price: 10 USD", "price: ten",
            "11:41 bad-value: 'ten' is no price -> write an amount and a currency, such as 10 USD or 9.50 EUR"),
        Malformed(
            "price: 10 USD", "prize: 10 USD",
            "11:34 unknown-key: 'prize' is no key of add_ons.NAME -> did you mean 'price'?"),
        Malformed(
            "add_ons: {email-authentication", "add_ons: {email-authentification",
            "11:11 add-on-unknown: 'email-authentification' is no add-on -> did you mean 'email-authentication'?"),
        Malformed(
            "providers:", "provider:",
            "2:1 unknown-key: 'provider' is no key of certadns.yaml -> did you mean 'providers'?"),
    ]
}
