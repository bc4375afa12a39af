import Testing

/// Where the tests begin. That it stands here keeps the package manager from looking for tests of XCTest, of which there
/// are none, in an index that the compiler would have to write for it: a sixth of the processor time of a build.
@main
struct Tests {
    static func main() async { await Testing.__swiftPMEntryPoint() as Never }
}
