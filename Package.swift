// swift-tools-version: 6.2
import PackageDescription

// Settings of every target of ours. The tidy test checks the import table that stands in docs/architecture.md.
let upcoming: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .enableUpcomingFeature("InferIsolatedConformances"),
    .treatAllWarnings(as: .error),
]
let strict: [SwiftSetting] = upcoming + [.strictMemorySafety()]

func library(_ name: String, _ dependencies: [Target.Dependency] = [], exclude: [String] = []) -> Target {
    .target(name: name, dependencies: dependencies, exclude: exclude, swiftSettings: strict)
}

func system(_ name: String, _ pkgConfig: String, apt: String) -> Target {
    .systemLibrary(name: name, pkgConfig: pkgConfig, providers: [.apt([apt])])
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(name: name, dependencies: dependencies, swiftSettings: upcoming)
}

let package = Package(
    name: "mendflow",
    products: [.executable(name: "mendflow", targets: ["mendflow"])],
    targets: [
        // C and C++ libraries, one module each.
        system("CLibYAML", "yaml-0.1", apt: "libyaml-dev"),
        system("CSQLite", "sqlite3", apt: "libsqlite3-dev"),
        system("CLibCurl", "libcurl", apt: "libcurl4-openssl-dev"),
        system("CMicroHTTPD", "libmicrohttpd", apt: "libmicrohttpd-dev"),
        system("CLibCrypto", "libcrypto", apt: "libssl-dev"),
        system("CZlib", "zlib", apt: "zlib1g-dev"),
        .target(name: "CAllocator"),
        .target(name: "CRE2", linkerSettings: [.linkedLibrary("re2")]),
        .target(name: "CSimdJSON", linkerSettings: [.linkedLibrary("simdjson")]),
        .target(
            name: "CDemoHistory",
            exclude: ["executions.jsonl.gz", "details.jsonl.gz", "workflows.json.gz"]
        ),

        // Pure: the words of the domain and the decisions.
        library("MendflowCore"),
        library("MendflowHTTP"),
        library("MendflowYAML", ["CLibYAML"]),
        library("MendflowPolicy", ["MendflowCore", "MendflowYAML", "CRE2"]),
        library("MendflowN8N", ["MendflowCore", "MendflowHTTP"]),

        // Leaves: one C library each.
        library("MendflowHTTPClient", ["MendflowHTTP", "CLibCurl"]),
        library("MendflowHTTPServer", ["MendflowHTTP", "CMicroHTTPD"]),
        library("MendflowLedger", ["MendflowCore", "CLibCrypto"]),
        library("MendflowLedgerSQLite", ["MendflowCore", "MendflowLedger", "CSQLite"]),
        library("MendflowHistory", ["MendflowCore", "CZlib", "CSimdJSON"]),

        library("MendflowReview", ["MendflowCore", "MendflowLedger"]),
        library("MendflowAgent", ["MendflowCore", "MendflowLedger"]),

        // A model of n8n that shares no code with the agent's core.
        library("MendflowSimulator", ["MendflowHTTP"]),
        library("MendflowSimulatorServer", ["MendflowHTTP", "MendflowHTTPServer", "MendflowSimulator"]),

        // The program.
        library("MendflowCommandLine"),
        library(
            "MendflowApp",
            [
                "MendflowCore", "MendflowHTTP", "MendflowYAML", "MendflowPolicy", "MendflowN8N", "MendflowHTTPClient",
                "MendflowHTTPServer", "MendflowLedger", "MendflowLedgerSQLite", "MendflowHistory", "MendflowReview",
                "MendflowAgent", "MendflowSimulator", "MendflowSimulatorServer", "CDemoHistory", "CAllocator",
            ]
        ),
        library("MendflowCommands", ["MendflowCore", "MendflowReview", "MendflowApp", "MendflowCommandLine"]),
        .executableTarget(name: "mendflow", dependencies: ["MendflowCommands"], swiftSettings: strict),

        // Measures what docs/benchmarks.md reports; no part of the product.
        .executableTarget(
            name: "mendflow-bench",
            dependencies: [
                "MendflowCore", "MendflowPolicy", "MendflowN8N", "MendflowHTTPClient", "MendflowLedgerSQLite",
                "MendflowAgent", "MendflowSimulator", "MendflowSimulatorServer", "MendflowApp",
            ],
            swiftSettings: strict
        ),

        library("MendflowTestKit", ["MendflowCore", "MendflowHTTP", "MendflowSimulator"]),

        tests("MendflowCoreTests", ["MendflowCore", "MendflowTestKit"]),
        tests("MendflowHTTPTests", ["MendflowHTTP"]),
        tests("MendflowYAMLTests", ["MendflowYAML", "CLibYAML"]),
        tests("MendflowPolicyTests", ["MendflowPolicy", "MendflowCore", "MendflowYAML", "CRE2"]),
        tests(
            "MendflowN8NTests", ["MendflowN8N", "MendflowCore", "MendflowHTTP", "MendflowSimulator", "MendflowTestKit"]),
        tests("MendflowHTTPClientTests", ["MendflowHTTPClient", "MendflowHTTP", "CLibCurl"]),
        tests(
            "MendflowHTTPServerTests",
            ["MendflowHTTPServer", "MendflowHTTP", "MendflowHTTPClient", "CMicroHTTPD"]
        ),
        tests("MendflowLedgerTests", ["MendflowLedger", "MendflowCore", "CLibCrypto"]),
        tests("MendflowLedgerSQLiteTests", ["MendflowLedgerSQLite", "MendflowLedger", "MendflowCore", "CSQLite"]),
        tests("MendflowHistoryTests", ["MendflowHistory", "MendflowCore", "CZlib", "CSimdJSON", "CDemoHistory"]),
        tests("MendflowReviewTests", ["MendflowReview", "MendflowCore", "MendflowLedger", "MendflowTestKit"]),
        tests("MendflowSimulatorTests", ["MendflowSimulator", "MendflowHTTP"]),
        tests(
            "MendflowSimulatorServerTests",
            [
                "MendflowSimulatorServer", "MendflowSimulator", "MendflowHTTP", "MendflowHTTPServer",
                "MendflowHTTPClient",
            ]
        ),
        tests("MendflowCommandLineTests", ["MendflowCommandLine"]),
        tests(
            "MendflowAgentTests",
            [
                "MendflowAgent", "MendflowCore", "MendflowLedger", "MendflowLedgerSQLite", "MendflowN8N",
                "MendflowPolicy", "MendflowHTTP", "MendflowSimulator", "MendflowTestKit",
            ]
        ),
        tests(
            "MendflowAppTests",
            [
                "MendflowApp", "MendflowAgent", "MendflowCore", "MendflowHTTP", "MendflowLedger",
                "MendflowLedgerSQLite", "MendflowPolicy", "MendflowSimulator", "MendflowSimulatorServer",
                "MendflowTestKit",
            ]
        ),
        tests(
            "MendflowCommandsTests",
            ["MendflowCommands", "MendflowCommandLine", "MendflowApp", "MendflowCore", "MendflowReview"]),
        // The tests here start the program itself, so it must be built before them.
        tests(
            "IntegrationTests",
            [
                "mendflow", "MendflowHTTP", "MendflowHTTPServer", "MendflowSimulator", "MendflowSimulatorServer",
                "MendflowCore",
            ]
        ),
        tests("TidyTests", []),
    ],
    cxxLanguageStandard: .cxx17
)
