package import DNS

/// Who seems to stand behind an alias, by the names that such services give their customers.
package enum KnownHolder {
    /// The service that `target` belongs to; `nil` where its name says nothing to us.
    package static func name(of target: DomainName) -> String? {
        suffixes.first { suffix, _ in
            (try? DomainName(suffix)).map { target.isSame(orBelow: $0) } ?? false
        }?.1
    }

    /// Well-known suffixes; a table for a message, on which nothing is decided.
    private static let suffixes: [(String, String)] = [
        ("ghs.googlehosted.com", "Google Workspace"), ("google.com", "Google Workspace"),
        ("outlook.com", "Microsoft 365"), ("onmicrosoft.com", "Microsoft 365"), ("office.com", "Microsoft 365"),
        ("azurestaticapps.net", "Microsoft Azure"), ("azurewebsites.net", "Microsoft Azure"),
        ("azureedge.net", "Microsoft Azure"), ("easydmarc.com", "EasyDMARC"), ("easydmarc.pro", "EasyDMARC"),
        ("powerdmarc.com", "PowerDMARC"), ("mailhardener.com", "Mailhardener"), ("uriports.com", "URIports"),
        ("ondmarc.com", "Red Sift OnDMARC"), ("redsift.cloud", "Red Sift OnDMARC"), ("sendmarc.com", "Sendmarc"),
        ("dmarcian.com", "dmarcian"), ("vali.email", "Valimail"), ("github.io", "GitHub Pages"),
        ("pages.dev", "Cloudflare Pages"), ("workers.dev", "Cloudflare Workers"), ("netlify.app", "Netlify"),
        ("cloudfront.net", "Amazon CloudFront"),
    ]
}
