package import DNS
package import MTASTS

/// What may be public at one moment: the ledger's applied state and the stage's wish both speak it.
package struct Publication: Hashable, Sendable, Codable {
    /// `_smtp._tls` TXT, or nothing.
    package var tlsRPT: [RecordSet]
    /// `mta-sts` A and AAAA, or CNAME, or nothing.
    package var host: [RecordSet]
    /// The certificate that the host shows.
    package var certificate: CertificateFacts?
    /// The policy that the host serves.
    package var policy: PublishedBody?
    /// `_mta-sts` TXT, or nothing.
    package var mtaSTS: [RecordSet]

    /// Nothing is public.
    package init(
        tlsRPT: [RecordSet] = [], host: [RecordSet] = [], certificate: CertificateFacts? = nil,
        policy: PublishedBody? = nil, mtaSTS: [RecordSet] = []
    ) {
        self.tlsRPT = tlsRPT
        self.host = host
        self.certificate = certificate
        self.policy = policy
        self.mtaSTS = mtaSTS
    }

    /// Whether anything of the zone is public by us.
    package var isEmpty: Bool { self == Publication() }

    /// Whether a certificate belongs to it, so that what is out is kept certified. The host's record may be somebody else's.
    package var keepsCertificate: Bool { !host.isEmpty || (policy != nil && certificate != nil) }
}

/// A policy's bytes with the id that announces them.
package struct PublishedBody: Hashable, Sendable, Codable {
    /// The id, unique for ever within the zone.
    package var id: PolicyID
    /// The body as served; ASCII by construction.
    package var body: String

    /// A body and its id.
    package init(id: PolicyID, body: String) {
        self.id = id
        self.body = body
    }
}
