import MendflowBacktest
import MendflowCore
import MendflowEnvironment
import MendflowHostKit
import MendflowOperations
import MendflowTestKit
import MendflowWorkspace
import Testing

private let searchPath = ["PATH": "/usr/local/bin:/usr/bin:/bin"]
private let hasGit = Environment.test(VirtualClock(.noon), searchPath).program(named: "git") != nil

@Suite("Policies of a git revision", .enabled(if: hasGit))
struct PolicyRevisionTests {
    private let folder: Folder
    private let environment: Environment

    /// A repository with two revisions, of which the later one adds a policy and changes another one.
    init() async throws {
        folder = try Folder()
        var variables = searchPath
        variables["GIT_DIR"] = folder.path + "/.git"
        variables["GIT_WORK_TREE"] = folder.path
        variables["GIT_CONFIG_GLOBAL"] = "/dev/null"
        variables["GIT_CONFIG_NOSYSTEM"] = "1"
        for role in ["AUTHOR", "COMMITTER"] {
            variables["GIT_\(role)_NAME"] = "Test"
            variables["GIT_\(role)_EMAIL"] = "test@example.com"
        }
        environment = .test(VirtualClock(.noon), variables)
        try await git(["init", "--quiet", "--initial-branch=main"])
        try await commit("one")
        try folder.write("policies/a.yaml", Folder.policy("a", "Order*", priority: 10, retries: 1))
        try folder.write("policies/new one.yaml", Folder.policy("new", "Billing*"))
        try folder.makeFolder("policies/below")
        try folder.write("policies/below/c.yaml", Folder.policy("c", "*"))
        try await commit("two")
        try folder.write("policies/a.yaml", "broken")
    }

    private func git(_ words: [String]) async throws {
        let git = try #require(environment.program(named: "git"))
        let answer = try await environment.programs.ask(
            [git, "-C", folder.path] + words, input: [], within: .minutes(1), mostBytes: 1 << 20)
        try #require(answer.status == 0, "\(words): \(answer.complaint)")
    }

    private func commit(_ subject: String) async throws {
        try await git(["add", "--all"])
        try await git(["commit", "--quiet", "--message", subject])
    }

    private func text(_ path: String, _ files: any FileSystem) throws -> String {
        String(decoding: try files.read(path, limit: 1 << 20).get(), as: UTF8.self)
    }

    @Test("stand beside the files of the machine, each side as its revision has it")
    func both() async throws {
        let files = try await PolicyRevision.files(["main~1:policies", "main:policies"], environment)
        #expect(files.names(inFolder: "main~1:policies") == ["a.yaml", "b.yaml"])
        #expect(files.names(inFolder: "main:policies") == ["a.yaml", "b.yaml", "new one.yaml"])
        #expect(try text("main~1:policies/a.yaml", files).contains("max_retries: 3"))
        #expect(try text("main:policies/a.yaml", files).contains("max_retries: 1"))
        #expect(try text(folder.path + "/policies/a.yaml", files) == "broken")
    }

    @Test("may be one file")
    func file() async throws {
        let files = try await PolicyRevision.files(["main:policies/b.yaml"], environment)
        #expect(!files.isFolder("main:policies/b.yaml"))
        #expect(try text("main:policies/b.yaml", files) == Folder.policy("b", "*"))
    }

    @Test("are compared, and what is said of them stands in the working tree")
    func compared() async throws {
        try folder.write("history.jsonl", PolicyRevisionTests.failure)
        let (old, new) = ("main~1:policies", "main:policies")
        let files = try await PolicyRevision.files([old, new], environment)
        let request = Backtesting.Request(histories: [folder.path + "/history.jsonl"])
        let (diff, findings) = try Backtesting.diff(
            request, old: old, new: new, from: files, nil, environment: environment)
        #expect(findings.filter(\.hasErrors).isEmpty)
        let places = try #require(diff).places.mapValues(\.file)
        #expect(places == ["a": "policies/a.yaml", "b": "policies/b.yaml", "new": "policies/new one.yaml"])
    }

    private static let failure = """
        {"id":"1","finished":false,"mode":"trigger","retryOf":null,"retrySuccessId":null,"status":"error",\
        "startedAt":"2026-05-04T12:00:00.000Z","stoppedAt":"2026-05-04T12:00:01.000Z","workflowId":"w1","waitTill":null}

        """

    @Test(
        "that are not there are told with what is near",
        arguments: [
            ("mian:policies", "there is no file 'mian:policies', and no git revision 'mian'; did you mean 'main'?"),
            ("main:polices", "the git revision 'main' has no 'polices'; did you mean 'policies'?"),
            ("main:policies/d/e/f.yaml", "the git revision 'main' has no 'policies/d/e/f.yaml'"),
        ])
    func missing(named path: String, words: String) async throws {
        await #expect(throws: MendflowFailure(.file, words)) {
            try await PolicyRevision.files([path], environment)
        }
    }

    @Test("cannot be read where there is no repository, which git says in its own words")
    func noRepository() async throws {
        try folder.remove(".git")
        let failure = await #expect(throws: MendflowFailure.self) {
            try await PolicyRevision.files(["main:policies"], environment)
        }
        #expect(failure?.kind == .file)
        #expect(failure?.message.hasPrefix("'main:policies' cannot be read; git says: fatal: not a git repo") ?? false)
    }

    @Test("cannot be read where there is no git")
    func noGit() async throws {
        let words =
            "there is no file 'main:policies', and of the git revision 'main' nothing can be read: there is no git in PATH"
        await #expect(throws: MendflowFailure(.file, words)) {
            try await PolicyRevision.files(["main:policies"], .test(VirtualClock(.noon), ["PATH": "/nowhere"]))
        }
    }
}

@Suite("The name of what a git revision holds")
struct PolicyRevisionNameTests {
    @Test(
        "has a revision before its first colon outside of braces",
        arguments: [
            ("main:policies", "main", "policies"), ("HEAD~2:./p/a:b.yaml", "HEAD~2", "./p/a:b.yaml"),
            ("main@{2026-05-01 10:00}:policies", "main@{2026-05-01 10:00}", "policies"), ("main:", "main", ""),
        ])
    func parts(text: String, revision: String, path: String) {
        #expect(PolicyRevision(text)?.revision == revision && PolicyRevision(text)?.path == path)
        #expect(PolicyRevision.inTree(text) == path)
    }

    @Test("is no path without one, and no option of git's", arguments: ["policies", ":policies", "--upload-pack=x:y"])
    func none(text: String) {
        #expect(PolicyRevision(text) == nil && PolicyRevision.inTree(text) == text)
    }
}
