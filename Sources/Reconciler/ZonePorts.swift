import DNS
package import Ports

/// What a look at a zone needs: readers only, so that looking can't write (design, rule 11).
package struct ZoneReaders: Sendable {
    /// The zone's own provider, as far as it may be read.
    package let dns: any DNSReader
    /// What everybody sees; may remember answers for the length of a run.
    package let resolver: any Resolver
    /// The same, asked anew each time: for waiting until something appears.
    package let forgetfulResolver: any Resolver
    /// What senders get over HTTPS.
    package let probe: any Probe
    /// Where the probe goes whatever the host record says; then one look stands for all addresses.
    package let probesFixedPlace: Bool
    /// What the policy host was given.
    package let policies: any PolicyReader
    /// Which certificates are held.
    package let certificates: any CertificateReader

    /// The readers of one zone.
    package init(
        dns: any DNSReader, resolver: any Resolver, forgetfulResolver: any Resolver, probe: any Probe,
        probesFixedPlace: Bool,
        policies: any PolicyReader, certificates: any CertificateReader
    ) {
        self.dns = dns
        self.resolver = resolver
        self.forgetfulResolver = forgetfulResolver
        self.probe = probe
        self.probesFixedPlace = probesFixedPlace
        self.policies = policies
        self.certificates = certificates
    }
}

extension ZoneReaders {
    /// The same readers, remembering nothing.
    var askingAnew: ZoneReaders {
        ZoneReaders(
            dns: dns, resolver: forgetfulResolver, forgetfulResolver: forgetfulResolver, probe: probe,
            probesFixedPlace: probesFixedPlace, policies: policies, certificates: certificates)
    }
}

/// What changing a zone needs besides.
package struct ZoneWriters: Sendable {
    /// The zone's provider.
    package let dns: any DNSWriter
    /// The policy host.
    package let policies: any PolicyWriter
    /// Where certificates are kept.
    package let keys: any KeyStore
    /// Who issues them.
    package let issuer: any CertificateIssuer

    /// The writers of one zone.
    package init(dns: any DNSWriter, policies: any PolicyWriter, keys: any KeyStore, issuer: any CertificateIssuer) {
        self.dns = dns
        self.policies = policies
        self.keys = keys
        self.issuer = issuer
    }
}
