import MendflowHostKit
import Testing

@testable import MendflowWorkspace

@Suite("A file that was named and is not there")
struct NamedFileTests {
    private let files = MemoryFiles(["/m/policies/retry.yaml": "", "/m/policies/tag.yaml": "", "/m/month/index": ""])

    @Test(
        "is told with the path that was meant perhaps, whichever part of it is spelt otherwise",
        arguments: [
            ("/m/policies/retri.yaml", "/m/policies/retry.yaml"), ("/m/policis/retry.yaml", "/m/policies/retry.yaml"),
            ("/m/policis/retri.yaml", "/m/policies/retry.yaml"), ("/m/policies/nothing-like-it", nil),
            ("/m/policies/retry.yaml", nil), ("/m/policies/retry.yaml/more", nil), ("", nil),
        ])
    func nearest(path: String, meant: String?) { #expect(NamedFile.nearest(to: path, files) == meant) }

    @Test(
        "is told without one where nothing is there that it could lie in",
        arguments: ["retry.yaml", "a/b", "/a/b/c", "/"])
    func nowhere(path: String) { #expect(NamedFile.nearest(to: path, MemoryFiles([:])) == nil) }
}
