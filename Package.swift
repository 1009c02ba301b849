// swift-tools-version: 6.2
import PackageDescription

// The targets, lowest first: a target imports only from rows above it (docs/architecture.md says what each holds).
let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let nioSSL = Target.Dependency.product(name: "NIOSSL", package: "swift-nio-ssl")
let nioTLS = Target.Dependency.product(name: "NIOTLS", package: "swift-nio")
let nioExtras = Target.Dependency.product(name: "NIOExtras", package: "swift-nio-extras")
let nioHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let asyncHTTPClient = Target.Dependency.product(name: "AsyncHTTPClient", package: "async-http-client")
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let hummingbirdTLS = Target.Dependency.product(name: "HummingbirdTLS", package: "hummingbird")
let hummingbirdCore = Target.Dependency.product(name: "HummingbirdCore", package: "hummingbird")
let httpTypes = Target.Dependency.product(name: "HTTPTypes", package: "swift-http-types")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let cryptoExtras = Target.Dependency.product(name: "CryptoExtras", package: "swift-crypto")
let x509 = Target.Dependency.product(name: "X509", package: "swift-certificates")
let asn1 = Target.Dependency.product(name: "SwiftASN1", package: "swift-asn1")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let unixSignals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")
let serviceLifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")

/// Name, then what it imports.
let sources: [(name: String, uses: [Target.Dependency])] = [
    ("Findings", []),
    ("YAML", ["CLibYAML", "Findings"]),
    ("DNS", [crypto]),
    ("MTASTS", ["DNS"]),
    ("TLSRPT", ["DNS", "MTASTS"]),
    ("Planning", ["Findings", "DNS", "MTASTS", "TLSRPT", crypto]),
    ("ReferenceSender", []),
    ("Simulation", ["Findings", "DNS", "MTASTS", "TLSRPT", "Planning", "ReferenceSender"]),
    ("Rendering", ["Findings", "DNS", "MTASTS", "TLSRPT", "Planning"]),
    ("Manifests", ["Findings", "YAML", "DNS", "MTASTS", "TLSRPT", "Planning"]),
    ("Ports", ["Findings", "DNS", "MTASTS", "TLSRPT", "Planning"]),
    ("Reconciler", ["Findings", "DNS", "MTASTS", "TLSRPT", "Planning", "Ports"]),
    ("Certificates", ["COpenSSL", "Findings", "Planning", x509, asn1]),
    ("Checkout", ["Planning", "Ports"]),
    ("Files", []),
    ("Sealing", ["Findings", "DNS", "Ports", "Files", crypto]),
    ("DNSClient", ["DNS", "Ports", "Planning", nioCore, nioPosix]),
    (
        "Probes",
        ["DNS", "MTASTS", "Planning", "Ports", "Certificates", nioCore, nioPosix, nioSSL, nioHTTP1, x509, asn1]
    ),
    ("Providers", ["Findings", "DNS", "MTASTS", "Certificates", "Planning", "Ports", "Files", "DNSClient"]),
    (
        "Storage",
        ["CPostgreSQL", "Findings", "DNS", "MTASTS", "TLSRPT", "Planning", "Ports", "Files", "Sealing", grdb]
    ),
    ("LocalCA", ["Findings", "DNS", "Certificates", "Planning", "Ports", "Files", "Sealing", crypto, x509, asn1]),
    (
        "ACME",
        [
            "Findings", "DNS", "Certificates", "Planning", "Ports", asyncHTTPClient, nioCore, nioHTTP1, crypto,
            cryptoExtras, x509, asn1,
        ]
    ),
    (
        "PolicyHost",
        [
            "Findings", "DNS", "MTASTS", "Planning", "Ports", logging, nioCore, nioPosix, nioSSL,
            nioTLS, nioHTTP1,
            nioExtras, serviceLifecycle,
        ]
    ),
    ("EmbeddedDNS", ["DNS", "Planning", "Ports", nioCore, nioPosix, logging, serviceLifecycle]),
    ("StateAPI", ["Findings", "DNS", "Planning", "Ports"]),
    (
        "RemoteState",
        ["Findings", "DNS", "MTASTS", "Planning", "Ports", "StateAPI", asyncHTTPClient, nioCore, nioHTTP1]
    ),
]
/// Never part of the command line.
let onlyForTests: Set<String> = ["ReferenceSender", "Simulation"]
/// Support for tests; products never import it.
let support: [(name: String, uses: [Target.Dependency])] = [
    ("Properties", []),
    ("Golden", []),
    ("Lab", ["DNS", "DNSClient", nioCore, nioPosix]),
    ("PortConformance", ["Findings", "DNS", "MTASTS", "Planning", "Ports", "Properties"]),
    ("Doubles", ["Findings", "DNS", "MTASTS", "Planning", "Ports"]),
    (
        "HostSupport",
        ["DNS", "MTASTS", "Planning", "Ports", "LocalCA", "PolicyHost", "Doubles", logging, serviceLifecycle]
    ),
]
/// Tests mirror the sources.
let tests: [(name: String, uses: [Target.Dependency])] = [
    ("FindingsTests", ["Findings"]),
    ("DNSTests", ["DNS", "Properties"]),
    ("MTASTSTests", ["MTASTS", "DNS", "Properties"]),
    ("TLSRPTTests", ["TLSRPT", "Properties"]),
    ("ReferenceSenderTests", ["ReferenceSender", "Properties"]),
    ("SimulationTests", ["Simulation"]),
    ("PlanningTests", ["Findings", "DNS", "MTASTS", "TLSRPT", "Planning", "Properties"]),
    (
        "ReconcilerTests",
        [
            "Properties", "Doubles", "Findings", "DNS", "MTASTS", "TLSRPT", "Planning", "Rendering", "Ports",
            "Reconciler",
        ]
    ),
    ("RenderingTests", ["Findings", "DNS", "MTASTS", "Planning", "Rendering", "Golden"]),
    (
        "StorageTests",
        [
            "Findings", "DNS", "MTASTS", "Planning", "Ports", "Sealing", "Storage", "Doubles", "Lab", "PortConformance",
            grdb,
        ]
    ),
    ("CertificatesTests", ["Certificates", "Planning"]),
    ("LocalCATests", ["Findings", "DNS", "Planning", "Ports", "Sealing", "LocalCA", "Doubles"]),
    ("SealingTests", ["Findings", "Ports", "Sealing"]),
    ("ACMETests", ["ACME", "DNS", "Planning", "Findings", "Ports", nioHTTP1]),
    ("YAMLTests", ["Findings", "YAML"]),
    ("ManifestsTests", ["Findings", "DNS", "MTASTS", "TLSRPT", "YAML", "Planning", "Manifests"]),
    (
        "ProvidersTests",
        [
            "Findings", "DNS", "MTASTS", "DNSClient", "Planning", "Ports", "LocalCA", "Providers", "PortConformance",
            "Doubles",
            "Lab", nioCore, nioPosix,
        ]
    ),
    (
        "DNSClientTests",
        ["DNS", "DNSClient", "Planning", "Ports", "PortConformance", "Properties", "Lab", nioCore, nioPosix]
    ),
    ("EmbeddedDNSTests", ["EmbeddedDNS", "HostSupport", logging]),
    ("CheckoutTests", ["Checkout", "Planning"]),
    ("FilesTests", ["Files"]),
    ("ArchitectureTests", ["Findings"]),
    ("EndToEndTests", ["certadns", "Ports"]),
    (
        "PolicyHostTests",
        [
            "Findings", "DNS", "MTASTS", "Planning", "Ports", "LocalCA", "PolicyHost", "HostSupport", logging, nioCore,
            nioPosix, nioHTTP1, serviceLifecycle,
        ]
    ),
    (
        "RemoteStateTests",
        [
            "Findings", "DNS", "MTASTS", "Planning", "Ports", "StateAPI", "RemoteState", "Storage", "PolicyHost",
            "LocalCA", "HostSupport", "Doubles", "PortConformance", asyncHTTPClient, nioCore, nioPosix, nioSSL,
            nioHTTP1, logging, serviceLifecycle,
        ]
    ),
    (
        "ProbesTests",
        [
            "Findings", "DNS", "MTASTS", "Planning", "Ports", "LocalCA", "Probes", "HostSupport", "Doubles", nioCore,
            nioPosix,
            nioHTTP1,
        ]
    ),
]

let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .treatAllWarnings(as: .error),
]

let package = Package(
    name: "certadns",
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.35.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-certificates", from: "1.21.1"),
        .package(url: "https://github.com/apple/swift-asn1", from: "1.7.4"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        .systemLibrary(name: "CLibYAML", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),
        .systemLibrary(name: "COpenSSL", pkgConfig: "openssl", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CPostgreSQL", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
    ]
        + sources.map { .target(name: $0.name, dependencies: $0.uses, swiftSettings: strict) }
        + [
            .executableTarget(
                name: "certadns",
                dependencies: sources.filter { !onlyForTests.contains($0.name) }.map { .target(name: $0.name) } + [
                    argumentParser, logging, serviceLifecycle, unixSignals, nioCore, nioPosix, nioSSL,
                    asyncHTTPClient,
                ],
                swiftSettings: strict)
        ]
        + [.executableTarget(name: "certadns-simulate", dependencies: ["Simulation"], swiftSettings: strict)]
        + support.map {
            .target(
                name: $0.name, dependencies: $0.uses, path: "Tests/Support/\($0.name)",
                exclude: $0.name == "Lab" ? ["acme-proxy.py", "control.py", "dns-relay.py"] : [], swiftSettings: strict)
        }
        + tests.map { .testTarget(name: $0.name, dependencies: $0.uses, swiftSettings: strict) }
)
