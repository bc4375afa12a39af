import CLibYAML
import Testing

@Suite("The libyaml binding")
struct LibYAMLBindingTests {
    @Test("answers its version, so the library is linked")
    func version() {
        var (major, minor, patch): (Int32, Int32, Int32) = (0, 0, 0)
        yaml_get_version(&major, &minor, &patch)
        #expect((major, minor) == (0, 2))
    }
}
