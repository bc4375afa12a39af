import Testing

@Suite("A manifest's text")
struct ManifestTests {
    static let text = """
        // targets: [ "Not me" ]
        let package = Package(
            name: "p", products: [.executable(name: "tool", targets: ["tool"])],
            targets: [
                system("CLib", "lib", apt: "lib-dev"),  // one, "C"
                .target(name: "CData", exclude: ["a.gz", "b.gz"]),
                library("Core"), library("Shell", ["Core", "CLib"], exclude: ["Notes.md"]),
                .executableTarget(name: "tool", dependencies: ["Shell"], swiftSettings: strict),
                tests("ShellTests", [
                    "Shell",
                    "tool",
                ]),
            ]
        )
        """

    @Test("gives each target with its kind and its dependencies, whichever way it is declared")
    func targets() throws {
        let targets = try Manifest(Self.text).targets
        #expect(
            targets.mapValues(\.dependencies) == [
                "CLib": [], "CData": [], "Core": [], "Shell": ["Core", "CLib"], "tool": ["Shell"],
                "ShellTests": ["Shell", "tool"],
            ])
        #expect(targets["ShellTests"]?.folder == "Tests/ShellTests" && targets["tool"]?.folder == "Sources/tool")
        #expect(targets["tool"]?.kind == "executableTarget")
    }

    @Test("that is no list of targets is a fault, never an empty list", arguments: ["", "Package(targets: [x])"])
    func fault(text: String) {
        #expect(throws: Manifest.Fault.self) { try Manifest(text) }
    }
}
