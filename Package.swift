// swift-tools-version: 6.2
import PackageDescription

// Settings of every target of ours. The tidy test holds what is declared here equal to what is imported.
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

/// What simulated worlds spend their time in. Tests live many worlds, and unoptimised these modules take four to five times as
/// long, which costs more than compiling them so; of the other modules the contrary is true. `MENDFLOW_UNOPTIMISED=1` leaves it
/// out, for a debugger.
let hot: Set<String> = [
    "MendflowText", "MendflowCore", "MendflowHTTP", "MendflowN8N", "MendflowLedger", "MendflowSimulator",
    "MendflowTestKit",
]
let optimised: [SwiftSetting] =
    Context.environment["MENDFLOW_UNOPTIMISED"] == nil
    ? [.unsafeFlags(["-O", "-assert-config", "Debug"], .when(configuration: .debug))] : []

/// The toolchain's own linker. The usual one warns of functions that the static Foundation holds and nobody here calls.
let quietLinker: [LinkerSetting] = [.unsafeFlags(["-use-ld=lld"])]

/// What a package is made from, in the program's `--version`: `MENDFLOW_BUILD`, a commit and a day.
let stamp: [CSetting] =
    Context.environment["MENDFLOW_BUILD"].map { [.define("MENDFLOW_BUILD", to: "\"\($0)\"")] } ?? []

func library(_ name: String, _ dependencies: [Target.Dependency] = [], exclude: [String] = []) -> Target {
    let settings = hot.contains(name) ? strict + optimised : strict
    return .target(name: name, dependencies: dependencies, exclude: exclude, swiftSettings: settings)
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
        system("CLibCrypto", "libcrypto", apt: "libssl-dev"),
        system("CZlib", "zlib", apt: "zlib1g-dev"),
        // Opened when they are needed: with what they bring they take longer to load than most commands take in all.
        .target(name: "CLibCurl"),
        .target(name: "CMicroHTTPD"),
        .target(name: "CLibPQ"),
        .target(name: "CProcessMemory"),
        .target(name: "CBuildStamp", cSettings: stamp),
        .target(name: "CRE2", linkerSettings: [.linkedLibrary("re2")]),
        .target(
            name: "CDemoHistory",
            exclude: ["executions.jsonl.gz", "details.jsonl.gz", "workflows.json.gz"]
        ),

        // Pure: texts, the words of the domain and the decisions.
        library("MendflowText"),
        library("MendflowCore", ["MendflowText"]),
        library("MendflowHTML", ["MendflowText"]),
        library("MendflowHTTP"),
        library("MendflowYAML", ["MendflowText", "CLibYAML"]),
        library("MendflowPolicy", ["MendflowText", "MendflowCore", "MendflowYAML", "CRE2"]),
        library("MendflowN8N", ["MendflowText", "MendflowCore", "MendflowHTTP"]),
        library("MendflowHints", ["MendflowCore", "MendflowN8N"]),

        // Leaves: one C library each.
        library("MendflowHTTPClient", ["MendflowHTTP", "CLibCurl"]),
        library("MendflowHTTPServer", ["MendflowHTTP", "CMicroHTTPD"]),
        library("MendflowLedger", ["MendflowText", "MendflowCore", "CLibCrypto"]),
        library("MendflowLedgerSQLite", ["MendflowText", "MendflowCore", "MendflowLedger", "CSQLite"]),
        library(
            "MendflowLedgerPostgres",
            ["MendflowText", "MendflowCore", "MendflowLedger", "MendflowEnvironment", "CLibPQ"]),
        library("MendflowEnvironment", ["MendflowText", "MendflowCore", "MendflowHTTP", "MendflowLedger"]),
        library("MendflowMail", ["MendflowCore", "MendflowEnvironment", "CLibCurl"]),
        library("MendflowZones", ["MendflowCore"]),
        library("MendflowGzip", ["MendflowEnvironment", "CZlib"]),

        library("MendflowReview", ["MendflowText", "MendflowCore"]),
        library(
            "MendflowHistory",
            [
                "MendflowText", "MendflowCore", "MendflowEnvironment", "MendflowN8N", "MendflowLedger", "MendflowGzip",
            ]),
        library("MendflowCycle", ["MendflowCore", "MendflowLedger"]),
        library("MendflowAgent", ["MendflowCore", "MendflowLedger", "MendflowCycle"]),
        library(
            "MendflowHintIntake",
            ["MendflowCore", "MendflowHTTP", "MendflowService", "MendflowHints", "MendflowGzip", "MendflowAgent"]),
        library(
            "MendflowBacktest",
            [
                "MendflowText", "MendflowCore", "MendflowPolicy", "MendflowLedger", "MendflowCycle", "MendflowHistory",
            ]),

        // A model of n8n that shares no code with the agent's core.
        library("MendflowSimulator", ["MendflowHTTP"]),

        // What a running agent answers over HTTP, without sockets.
        library("MendflowService", ["MendflowText", "MendflowCore", "MendflowHTTP", "MendflowLedger"]),

        // The program: files, what people ask and order, what runs the agent, and what rehearses it.
        library(
            "MendflowWorkspace",
            [
                "MendflowEnvironment", "MendflowText", "MendflowCore", "MendflowYAML", "MendflowPolicy",
                "MendflowLedger", "MendflowZones",
            ]
        ),
        library(
            "MendflowOperations",
            [
                "MendflowEnvironment", "MendflowHTTP", "MendflowText", "MendflowCore", "MendflowYAML", "MendflowPolicy",
                "MendflowN8N",
                "MendflowLedger", "MendflowReview", "MendflowCycle", "MendflowAgent", "MendflowWorkspace",
                "MendflowHistory", "MendflowBacktest", "MendflowGzip",
            ]
        ),
        // What a running agent tells a scraper.
        library(
            "MendflowMetrics",
            [
                "MendflowCore", "MendflowHTTP", "MendflowEnvironment", "MendflowLedger", "MendflowService",
                "MendflowAgent", "MendflowWorkspace", "MendflowOperations",
            ]
        ),
        library(
            "MendflowConsole",
            [
                "MendflowText", "MendflowHTML", "MendflowHTTP", "MendflowCore", "MendflowLedger", "MendflowReview",
                "MendflowService", "MendflowWorkspace", "MendflowOperations",
            ]
        ),
        library(
            "MendflowNotify",
            [
                "MendflowEnvironment", "MendflowHTTP", "MendflowText", "MendflowCore", "MendflowPolicy",
                "MendflowLedger", "MendflowReview", "MendflowWorkspace", "MendflowOperations",
            ]
        ),
        library(
            "MendflowHost",
            [
                "MendflowHTTP", "MendflowHTTPClient", "MendflowHTTPServer", "MendflowService", "MendflowConsole",
                "MendflowMetrics", "MendflowHintIntake",
                "MendflowMail", "MendflowNotify",
                "MendflowEnvironment", "MendflowText", "MendflowCore", "MendflowPolicy", "MendflowLedger",
                "MendflowLedgerSQLite", "MendflowLedgerPostgres",
                "MendflowAgent", "MendflowWorkspace", "MendflowOperations", "CProcessMemory", "CBuildStamp",
            ]
        ),
        library(
            "MendflowRehearsal",
            [
                "MendflowEnvironment", "MendflowCore", "MendflowHTTP", "MendflowHTTPClient", "MendflowHTTPServer",
                "MendflowLedger", "MendflowHistory", "MendflowSimulator", "MendflowText", "MendflowWorkspace",
                "MendflowOperations", "MendflowHost", "MendflowGzip", "CDemoHistory",
            ]
        ),
        library("MendflowCommandLine", ["MendflowText"]),
        // Speaks to assistants. It has no way to anything but the tools that are handed to it.
        library("MendflowMCP", ["MendflowText"]),
        library(
            "MendflowCommands",
            [
                "MendflowEnvironment",
                "MendflowText", "MendflowYAML", "MendflowCore", "MendflowN8N", "MendflowLedger", "MendflowReview",
                "MendflowHistory", "MendflowBacktest", "MendflowHTML",
                "MendflowWorkspace", "MendflowOperations", "MendflowHost", "MendflowRehearsal", "MendflowCommandLine",
                "MendflowNotify", "MendflowMCP",
            ]
        ),
        .executableTarget(
            name: "mendflow", dependencies: ["MendflowCommands"], swiftSettings: strict, linkerSettings: quietLinker),

        // A disk in memory below SQLite, which loses what was not flushed; no part of the product.
        library("MendflowTornDisk", ["CSQLite", "MendflowTestKit"]),

        // Whole hosts in memory, for tests.
        library(
            "MendflowHostKit",
            [
                "MendflowText", "MendflowCore", "MendflowHTTP", "MendflowPolicy", "MendflowLedger",
                "MendflowLedgerSQLite", "MendflowEnvironment", "MendflowWorkspace", "MendflowOperations",
                "MendflowHost", "MendflowSimulator", "MendflowTestKit", "MendflowTornDisk",
            ]
        ),

        // Whole hosts in simulated worlds with everything that can befall them, and what judges them.
        library(
            "MendflowWorlds",
            [
                "MendflowText", "MendflowCore", "MendflowHTTP", "MendflowLedger", "MendflowEnvironment",
                "MendflowWorkspace",
                "MendflowOperations", "MendflowHost", "MendflowHostKit", "MendflowSimulator", "MendflowTestKit",
            ]
        ),

        .executableTarget(
            name: "mendflow-worlds", dependencies: ["MendflowCore", "MendflowWorlds"], swiftSettings: strict,
            linkerSettings: quietLinker),

        // Measures what docs/benchmarks.md reports; no part of the product.
        .executableTarget(
            name: "mendflow-bench",
            dependencies: [
                "MendflowText", "MendflowCore", "MendflowPolicy", "MendflowHTTP", "MendflowN8N", "MendflowHTTPClient",
                "MendflowLedger", "MendflowLedgerSQLite", "MendflowCycle", "MendflowAgent", "MendflowSimulator",
                "MendflowHost", "MendflowHTTPServer", "MendflowService", "MendflowHintIntake",
                "MendflowRehearsal",
            ],
            swiftSettings: strict, linkerSettings: quietLinker
        ),

        // Feeds the readers bytes of any kind; no part of the product.
        library(
            "MendflowFuzz",
            [
                "MendflowText", "MendflowYAML", "MendflowCore", "MendflowPolicy", "MendflowHTTP", "MendflowN8N",
                "MendflowLedger", "MendflowZones", "MendflowSimulator", "MendflowWorkspace", "MendflowRehearsal",
                "MendflowHints", "MendflowService", "MendflowEnvironment", "MendflowGzip", "MendflowHistory",
                "MendflowTestKit",
            ]
        ),
        .executableTarget(
            name: "mendflow-fuzz", dependencies: ["MendflowFuzz"], swiftSettings: strict, linkerSettings: quietLinker),

        library(
            "MendflowTestKit", ["MendflowCore", "MendflowHTTP", "MendflowLedger", "MendflowSimulator", "CZlib"]),
        // A PostgreSQL of a test's own.
        library("MendflowPostgresKit"),
        // What every ledger store has to do; the tests of each run it.
        library("MendflowLedgerConformance", ["MendflowText", "MendflowCore", "MendflowLedger", "MendflowTestKit"]),

        tests("MendflowTextTests", ["MendflowText"]),
        tests("MendflowCoreTests", ["MendflowText", "MendflowCore", "MendflowLedger", "MendflowTestKit"]),
        tests("MendflowFuzzTests", ["MendflowFuzz"]),
        tests("MendflowHTMLTests", ["MendflowHTML"]),
        tests(
            "MendflowHintIntakeTests",
            [
                "MendflowHintIntake", "MendflowHints", "MendflowService", "MendflowAgent", "MendflowCore",
                "MendflowHTTP", "MendflowTestKit",
            ]),
        tests("MendflowHintsTests", ["MendflowHints", "MendflowCore", "MendflowSimulator", "MendflowTestKit"]),
        tests("MendflowHTTPTests", ["MendflowHTTP"]),
        tests("MendflowYAMLTests", ["MendflowText", "MendflowYAML", "CLibYAML", "MendflowTestKit"]),
        tests("MendflowPolicyTests", ["MendflowPolicy", "MendflowCore", "MendflowYAML", "CRE2", "MendflowTestKit"]),
        tests(
            "MendflowN8NTests",
            [
                "MendflowText", "MendflowN8N", "MendflowCore", "MendflowPolicy", "MendflowHTTP", "MendflowSimulator",
                "MendflowTestKit",
            ]),
        tests("MendflowHTTPClientTests", ["MendflowHTTPClient", "MendflowHTTP", "CLibCurl"]),
        tests(
            "MendflowHTTPServerTests",
            ["MendflowHTTPServer", "MendflowHTTP", "CMicroHTTPD", "MendflowTestKit"]
        ),
        tests(
            "MendflowLedgerTests",
            ["MendflowText", "MendflowLedger", "MendflowCore", "MendflowLedgerConformance", "CLibCrypto"]),
        tests(
            "MendflowLedgerSQLiteTests",
            ["MendflowLedgerSQLite", "MendflowLedger", "MendflowCore", "MendflowLedgerConformance", "CSQLite"]),
        tests(
            "MendflowLedgerPostgresTests",
            [
                "MendflowLedgerPostgres", "MendflowText", "MendflowLedger", "MendflowCore", "MendflowEnvironment",
                "MendflowLedgerConformance", "MendflowPostgresKit",
            ]),
        tests(
            "MendflowTornDiskTests",
            [
                "MendflowTornDisk", "MendflowLedgerSQLite", "MendflowLedger", "MendflowLedgerConformance",
                "MendflowCore", "MendflowTestKit", "CSQLite",
            ]),
        tests("MendflowMetricsTests", ["MendflowMetrics", "MendflowCore", "MendflowLedger", "MendflowTestKit"]),
        tests(
            "MendflowConsoleTests",
            [
                "MendflowHTML", "MendflowConsole", "MendflowCore", "MendflowLedger", "MendflowEnvironment",
                "MendflowHTTP",
                "MendflowWorkspace", "MendflowOperations", "MendflowHost", "MendflowHostKit", "MendflowSimulator",
                "MendflowTestKit",
            ]
        ),
        tests(
            "MendflowServiceTests",
            ["MendflowText", "MendflowService", "MendflowCore", "MendflowHTTP", "MendflowTestKit"]),
        tests("MendflowMailTests", ["MendflowMail", "MendflowEnvironment", "MendflowCore", "CLibCurl"]),
        tests(
            "MendflowNotifyTests",
            [
                "MendflowNotify", "MendflowEnvironment", "MendflowHTTP", "MendflowText", "MendflowCore", "MendflowHost",
                "MendflowPolicy", "MendflowLedger", "MendflowWorkspace", "MendflowOperations", "MendflowHostKit",
                "MendflowTestKit",
            ]),
        tests("MendflowMCPTests", ["MendflowMCP", "MendflowN8N", "MendflowText"]),
        tests("MendflowZonesTests", ["MendflowZones", "MendflowCore"]),
        tests("MendflowReviewTests", ["MendflowReview", "MendflowCore", "MendflowLedger"]),
        tests("MendflowSimulatorTests", ["MendflowSimulator", "MendflowHTTP"]),
        tests("MendflowCommandLineTests", ["MendflowText", "MendflowCommandLine", "MendflowTestKit"]),
        tests(
            "MendflowAgentTests",
            [
                "MendflowText",
                "MendflowAgent", "MendflowCycle", "MendflowCore", "MendflowLedger", "MendflowN8N", "MendflowPolicy",
                "MendflowHTTP", "MendflowSimulator", "MendflowTestKit",
            ]
        ),
        tests("MendflowCycleTests", ["MendflowCycle", "MendflowCore", "MendflowLedger"]),
        tests(
            "MendflowHistoryTests",
            [
                "MendflowHistory", "MendflowCore", "MendflowEnvironment", "MendflowN8N", "MendflowHostKit",
                "MendflowTestKit", "MendflowGzip",
            ]),
        tests(
            "MendflowBacktestTests",
            [
                "MendflowBacktest", "MendflowHistory", "MendflowCore", "MendflowPolicy", "MendflowYAML",
                "MendflowTestKit", "MendflowEnvironment", "MendflowHTTP", "MendflowHost", "MendflowHostKit",
                "MendflowLedger", "MendflowOperations", "MendflowSimulator", "MendflowWorkspace",
            ]),
        tests(
            "MendflowWorkspaceTests",
            [
                "MendflowEnvironment", "MendflowHostKit", "MendflowYAML", "MendflowWorkspace", "MendflowCore",
                "MendflowPolicy",
                "MendflowLedger",
                "MendflowTestKit",
            ]),
        tests(
            "MendflowOperationsTests",
            [
                "MendflowEnvironment",
                "MendflowHostKit",
                "MendflowText", "MendflowYAML", "MendflowOperations", "MendflowWorkspace", "MendflowHost",
                "MendflowRehearsal",
                "MendflowBacktest", "MendflowReview", "MendflowCore", "MendflowPolicy", "MendflowLedger",
                "MendflowSimulator",
                "MendflowAgent", "MendflowTestKit",
            ]
        ),
        tests(
            "MendflowHostTests",
            [
                "MendflowHostKit",
                "MendflowText", "MendflowHost", "MendflowOperations", "MendflowWorkspace", "MendflowAgent",
                "MendflowCore",
                "MendflowPolicy", "MendflowLedger", "MendflowTestKit",
                "MendflowEnvironment", "MendflowHTTP", "MendflowSimulator",
            ]
        ),
        tests(
            "MendflowRehearsalTests",
            [
                "MendflowTestKit", "MendflowRehearsal", "MendflowEnvironment", "MendflowWorkspace", "MendflowSimulator",
                "MendflowHTTP", "MendflowHTTPServer", "MendflowHost", "MendflowCore", "CDemoHistory", "CZlib",
            ]
        ),
        tests(
            "MendflowCommandsTests",
            [
                "MendflowText", "MendflowLedger", "MendflowYAML", "MendflowTestKit", "MendflowCommands",
                "MendflowCommandLine", "MendflowEnvironment", "MendflowOperations", "MendflowHost",
                "MendflowBacktest", "MendflowHTTP", "MendflowMCP", "MendflowWorkspace", "MendflowN8N",
                "MendflowCore",
                "MendflowReview",
            ]
        ),
        tests(
            "SimulationTests",
            ["mendflow-worlds", "MendflowWorlds", "MendflowTestKit"]
        ),
        // The tests here start the program itself, so it must be built before them.
        tests(
            "IntegrationTests",
            [
                "MendflowTestKit", "mendflow", "MendflowHTTP", "MendflowHTTPServer", "MendflowSimulator",
                "MendflowRehearsal",
                "MendflowCore", "MendflowLedger", "MendflowEnvironment", "MendflowWorkspace", "MendflowHostKit",
                "MendflowPostgresKit", "CSQLite",
            ]
        ),
        tests("TidyTests", []),
    ],
    cxxLanguageStandard: .cxx17
)
