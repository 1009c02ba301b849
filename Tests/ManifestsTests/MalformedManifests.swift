/// Edits of the sample manifest, each with all that must be said about it.
extension MalformedTests {
    static let manifests: [Malformed] = [
        Malformed(
            "named otherwise than its file", "zone: example.com", "zone: example.net",
            "1:7 zone-name-mismatch: the manifest is for 'example.net', but its file is named after 'example.com' -> rename the file to example.net.yaml, or mend 'zone'"
        ),
        Malformed(
            "required key missing", "zone: example.com\n", "",
            "1:1 missing-key: 'zone' is missing in the manifest -> add 'zone:' with domain name"),
        Malformed(
            "no single value", "zone: example.com", "zone: [example.com]",
            "1:7 wrong-type: 'zone' is a list, and a single value is wanted -> write one value"),
        Malformed(
            "no domain name", "zone: example.com", "zone: exa mple",
            "1:7 bad-value: 'zone' is 'exa mple', which is no domain name -> write a name such as example.com: letters, digits, hyphens, dots"
        ),
        Malformed(
            "no domain name", "zone: example.com", "zone: com",
            "1:7 bad-value: 'zone' is 'com', which is no domain name -> write a name such as example.com: letters, digits, hyphens, dots"
        ),
        Malformed(
            "no domain name", "zone: example.com", "zone: 192.0.2.1",
            "1:7 bad-value: 'zone' is '192.0.2.1', which is no domain name -> write a name such as example.com: letters, digits, hyphens, dots"
        ),
        Malformed(
            "unknown key", "zone: example.com", "zoen: example.com",
            "1:1 unknown-key: 'zoen' is no key of the manifest -> did you mean 'zone'?",
            "1:1 missing-key: 'zone' is missing in the manifest -> add 'zone:' with domain name"),
        Malformed(
            "tab", "zone: example.com", "\tzone: example.com",
            "1:1 yaml-syntax: a tab indents this line, and YAML wants spaces -> replace the tab by spaces"),
        Malformed(
            "key twice", "zone: example.com", "zone: example.com\nzone: example.com",
            "2:1 yaml-duplicate-key: the key 'zone' stands here again; it was given in line 1 -> remove one of the two"),
        Malformed(
            "broken YAML", "zone: example.com", "- zone",
            "2:1 yaml-syntax: this is no valid YAML: while parsing a block collection: did not find expected '-' indicator -> mend the syntax here"
        ),
        Malformed(
            "alias without anchor", "zone: example.com", "zone: &a example.com\nx: *b",
            "2:4 yaml-syntax: the alias '*b' has no anchor before it -> write '&b' at the value it means"),
        Malformed(
            "tag", "zone: example.com", "zone: !!str example.com",
            "1:7 yaml-syntax: the tag 'tag:yaml.org,2002:str' is not supported -> remove it"),
        Malformed(
            "no list", "[email-authentication]", "email-authentication",
            "2:10 wrong-type: 'add_ons' is a single value, and a list is wanted -> write it in brackets: [email-authentication]"
        ),
        Malformed(
            "unknown add-on", "[email-authentication]", "[email-authenticaton]",
            "2:11 add-on-unknown: 'email-authenticaton' is no add-on -> did you mean 'email-authentication'?"),
        Malformed(
            "unknown add-on", "[email-authentication]", "[vanity]",
            "2:11 add-on-unknown: 'vanity' is no add-on -> use email-authentication"),
        Malformed(
            "broken YAML", "[email-authentication]", "[email-authentication",
            "3:4 yaml-syntax: this is no valid YAML: while parsing a flow sequence: did not find expected ',' or ']' -> mend the syntax here"
        ),
        Malformed(
            "no single value", "[email-authentication]", "[[email-authentication]]",
            "2:11 wrong-type: 'add_ons' is a list, and a single value is wanted -> write one value"),
        Malformed(
            "unknown provider", "dns: primary", "dns: primry",
            "3:6 provider-unknown: 'primry' is no provider of certadns.yaml -> did you mean 'primary'?"),
        Malformed(
            "unknown provider", "dns: primary", "dns: route53",
            "3:6 provider-unknown: 'route53' is no provider of certadns.yaml -> use one of files, primary"),
        Malformed(
            "no provider chosen of several", "dns: primary\n", "",
            "1:1 missing-key: 'dns' is missing, and there are several providers -> add 'dns:' with one of files, primary"
        ),
        Malformed(
            "unknown mode", "mode: testing", "mode: testng",
            "5:9 bad-value: 'testng' is no mode -> did you mean 'testing'?"),
        Malformed(
            "unknown mode", "mode: testing", "mode: report",
            "5:9 bad-value: 'report' is no mode -> use enforce, testing or none"),
        Malformed(
            "unknown mode", "mode: testing", "mode: Testing",
            "5:9 bad-value: 'Testing' is no mode -> did you mean 'testing'?"),
        Malformed(
            "no single value", "mode: testing", "mode: {a: b}",
            "5:9 wrong-type: 'mode' is a map, and a single value is wanted -> write one value"),
        Malformed(
            "neither derived, list nor map", "mx: {derived: true, also: [mx-new.example.net]}", "mx: auto",
            "6:7 wrong-type: 'mx' is 'auto', and 'derived', a list or a map is wanted -> write 'mx: derived' or 'mx: [mx1.example.com]'"
        ),
        Malformed(
            "empty list", "mx: {derived: true, also: [mx-new.example.net]}", "mx: []",
            "6:7 bad-value: 'mx' is an empty list -> name the mail hosts, or write 'mx: derived'"),
        Malformed(
            "misplaced wildcard", "mx: {derived: true, also: [mx-new.example.net]}", "mx: [\"*.*.example.net\"]",
            "6:8 bad-value: '*.*.example.net' has a wildcard that is not the whole first label ('*.example.net') -> write a host such as mx1.example.com, or *.example.com"
        ),
        Malformed(
            "no host name", "mx: {derived: true, also: [mx-new.example.net]}", "mx: [192.0.2.25]",
            "6:8 bad-value: '192.0.2.25' is no host name (letters, digits, hyphens; no final dot) -> write a host such as mx1.example.com, or *.example.com"
        ),
        Malformed(
            "no host name", "mx: {derived: true, also: [mx-new.example.net]}", "mx: [mx.example.net.]",
            "6:8 bad-value: 'mx.example.net.' is no host name (letters, digits, hyphens; no final dot) -> write a host such as mx1.example.com, or *.example.com"
        ),
        Malformed(
            "no host name", "mx: {derived: true, also: [mx-new.example.net]}", "mx: [mx_1.example.net]",
            "6:8 bad-value: 'mx_1.example.net' is no host name (letters, digits, hyphens; no final dot) -> write a host such as mx1.example.com, or *.example.com"
        ),
        Malformed(
            "derived: false", "derived: true", "derived: false",
            "6:17 bad-value: 'derived: false' leaves no pattern -> write a list of patterns as 'mx'"),
        Malformed(
            "no truth value", "derived: true", "derived: yes",
            "6:17 wrong-type: 'derived' is neither true nor false -> write true or false"),
        Malformed(
            "required key missing", "derived: true, ", "",
            "6:7 missing-key: 'derived' is missing in mta_sts.mx -> add 'derived:' with `true`"),
        Malformed(
            "no list", "also: [mx-new.example.net]", "also: mx-new.example.net",
            "6:29 wrong-type: 'also' is a single value, and a list is wanted -> write it in brackets: [mx-new.example.net]"
        ),
        Malformed(
            "unknown key", "also:", "alos:",
            "6:23 unknown-key: 'alos' is no key of mta_sts.mx -> did you mean 'also'?"),
        Malformed(
            "no duration", "max_age: 7d", "max_age: 7x",
            "7:12 bad-value: 'max_age' is '7x', which is no duration -> write seconds, or a number with s, m, h, d or w, such as 30s or 7d"
        ),
        Malformed(
            "no duration", "max_age: 7d", "max_age: -1",
            "7:12 bad-value: 'max_age' is '-1', which is no duration -> write seconds, or a number with s, m, h, d or w, such as 30s or 7d"
        ),
        Malformed(
            "max_age beyond the RFC", "max_age: 7d", "max_age: 53w",
            "7:12 bad-value: 'max_age' is 32054400 seconds, and RFC 8461 allows 0 to 31557600 -> write at most 31557599, such as 52w"
        ),
        Malformed(
            "no duration", "max_age: 7d", "max_age: 1e3",
            "7:12 bad-value: 'max_age' is '1e3', which is no duration -> write seconds, or a number with s, m, h, d or w, such as 30s or 7d"
        ),
        Malformed(
            "no number in its range", "generation: 1", "generation: 0",
            "8:15 bad-value: 'generation' is '0', and a whole number from 1 to 1000000 is wanted -> write such a number"
        ),
        Malformed(
            "no number in its range", "generation: 1", "generation: 010",
            "8:15 bad-value: 'generation' is '010', and a whole number from 1 to 1000000 is wanted -> write such a number"
        ),
        Malformed(
            "no map of keys",
            "tls_rpt:\n  rua: [managed, \"mailto:tls-reports@example.com\", \"https://reports.example.com/v1\"]",
            "tls_rpt: yes",
            "9:10 wrong-type: 'tls_rpt' is a single value, and a map of keys is wanted -> write 'key: value' lines: rua"
        ),
        Malformed(
            "empty list", "[managed, \"mailto:tls-reports@example.com\", \"https://reports.example.com/v1\"]", "[]",
            "10:8 bad-value: 'rua' is an empty list -> name at least one address, or remove 'tls_rpt'"),
        Malformed(
            "report address without a scheme", "\"mailto:tls-reports@example.com\"", "tls-reports@example.com",
            "10:18 bad-value: 'tls-reports@example.com' is no URI; write 'mailto:reports@example.com' or 'https://host/path' -> write mailto:reports@example.com or https://host/path"
        ),
        Malformed(
            "scheme in upper case", "\"mailto:tls-reports@example.com\"", "\"MAILTO:tls-reports@example.com\"",
            "10:18 bad-value: 'MAILTO:' must be in lower case, since some senders take no other -> write mailto:reports@example.com or https://host/path"
        ),
        Malformed(
            "scheme of no report", "\"https://reports.example.com/v1\"", "\"http://reports.example.com/v1\"",
            "10:52 bad-value: 'http:' is no way to send TLS reports; 'mailto:' and 'https:' are -> write mailto:reports@example.com or https://host/path"
        ),
        Malformed(
            "query in a report address", "\"https://reports.example.com/v1\"",
            "\"https://reports.example.com/v1?zone=a\"",
            "10:52 bad-value: '?' in a report address breaks some senders; leave query strings away -> write mailto:reports@example.com or https://host/path"
        ),
        Malformed(
            "unknown finding code", "code: max-age-range", "code: max-age-rnge",
            "12:12 bad-value: 'max-age-rnge' is no finding code -> did you mean 'max-age-range'?"),
        Malformed(
            "blank reason", "reason: \"known\"", "reason: \" \"",
            "12:35 bad-value: the waiver gives no reason -> say why the finding is accepted"),
        Malformed(
            "no date", "until: 2027-01-31", "until: 31.1.2027",
            "12:51 bad-value: '31.1.2027' is no date -> write it as 2027-01-31"),
        Malformed(
            "no list", "waivers:\n  - {", "waivers:\n  {",
            "12:3 wrong-type: 'waivers' is a map, and a list is wanted -> write it in brackets: […]"),
        Malformed(
            "second document", "tls_rpt:", "---\ntls_rpt:",
            "9:1 yaml-documents: a second document begins here -> keep one document in a file"),
        Malformed(
            "control character", "mode: testing", "mode: test\u{7}ing",
            "5:13 yaml-encoding: a control character (U+0007) stands here -> remove it"),
        Malformed(
            "line break that few know", "mode: testing", "mode: testing\u{2028}",
            "5:16 yaml-encoding: a line break that few programs know (U+2028) stands here -> end the line with a line feed"
        ),
        Malformed(
            "carriage return alone", "mode: testing", "mode: test\ring",
            "5:13 yaml-encoding: a carriage return stands here without a line feed -> end lines with a line feed"),
        Malformed(
            "byte order mark", "zone: example.com", "\u{feff}zone: example.com",
            "1:1 yaml-encoding: the file begins with a byte order mark (U+FEFF) -> save it as UTF-8 without one"),
        Malformed(
            "tab", "mode: testing", "mode:\ttesting",
            "5:8 yaml-syntax: a tab stands here, and spaces are wanted -> replace the tab by spaces, or by \\t in quotes"
        ),
        Malformed(
            "key that is no word", "dns: primary", "[dns]: primary",
            "3:1 wrong-type: a key is a list -> use a word as key",
            "1:1 missing-key: 'dns' is missing, and there are several providers -> add 'dns:' with one of files, primary"
        ),
        Malformed(
            "merge key", "dns: primary", "dns: primary\n<<: {mail: none}",
            "4:1 yaml-syntax: merge keys ('<<') are not supported -> write the keys out, or use 'defaults'"),
        Malformed(
            "nested too deep", "dns: primary",
            "dns: " + String(repeating: "[", count: 25) + String(repeating: "]", count: 25),
            "3:29 yaml-limit: values are nested deeper than 24 levels -> flatten the file"),
        Malformed(
            "too many aliases", "[email-authentication]",
            "&a [email-authentication]\nx: [" + String(repeating: "*a, ", count: 101) + "]",
            "3:405 yaml-limit: more than 100 aliases stand in this file -> write the values out"),
        Malformed(
            "too many keys", "dns: primary", (0..<1_001).map { "k\($0): x" }.joined(separator: "\n"),
            "1001:1 yaml-limit: more than 1000 keys stand in one map -> write fewer into one map"),
        Malformed(
            "mail that is not none", "dns: primary", "dns: primary\nmail: maybe",
            "4:7 bad-value: 'mail' is 'maybe', and only 'none' means something -> write 'mail: none' or leave it away",
            "6:3 bad-value: 'mta_sts' stands beside 'mail: none', which publishes nothing -> remove one of the two",
            "11:3 bad-value: 'tls_rpt' stands beside 'mail: none', which publishes nothing -> remove one of the two"),
        Malformed(
            "asked for beside mail: none", "dns: primary", "dns: primary\nmail: none",
            "6:3 bad-value: 'mta_sts' stands beside 'mail: none', which publishes nothing -> remove one of the two",
            "11:3 bad-value: 'tls_rpt' stands beside 'mail: none', which publishes nothing -> remove one of the two"),
        Malformed(
            "no truth value", "dns: primary", "dns: primary\nadopt: on",
            "4:8 wrong-type: 'adopt' is neither true nor false -> write true or false"),
        Malformed(
            "no mx pattern", "mx: {derived: true, also: [mx-new.example.net]}", "mx: [\"mx\u{1f4e7}.example.net\"]",
            "6:8 bad-value: 'mx\u{1f4e7}.example.net' is no mx pattern -> write a host such as mx1.example.com, or *.example.com"
        ),
        Malformed(
            "blank in a report address", "\"mailto:tls-reports@example.com\"", "\"mailto:tls reports@example.com\"",
            "10:18 bad-value: 'mailto:tls reports@example.com' holds a blank or a character beyond ASCII; percent-encode it -> write mailto:reports@example.com or https://host/path"
        ),
        Malformed(
            "no mail address after mailto", "\"mailto:tls-reports@example.com\"", "\"mailto:example.com\"",
            "10:18 bad-value: 'mailto:example.com' has no mail address after 'mailto:' -> write mailto:reports@example.com or https://host/path"
        ),
        Malformed(
            "no host after https", "\"https://reports.example.com/v1\"", "\"https:///v1\"",
            "10:52 bad-value: 'https:///v1' has no host after 'https://' -> write mailto:reports@example.com or https://host/path"
        ),
    ]
}
