import MendflowTestKit
import MendflowText
import Testing

@testable import MendflowCommandLine

/// Compares with Tests/Fixtures/command-line/NAME.
private func expect(_ text: String?, is name: String) throws {
    #expect(try Repository.difference(of: try #require(text), from: "Tests/Fixtures/command-line/\(name)") == nil)
}

@Suite("Help")
struct HelpTests {
    @Test("the program's help lists options, commands, examples and exit codes")
    func root() throws {
        try expect(Sample.program.help(), is: "garden-help.txt")
    }

    @Test("a command's help puts its own options first, then sections, then the global ones")
    func command() throws {
        try expect(Sample.program.help(for: ["water"]), is: "garden-water-help.txt")
    }

    @Test("there is none for a command that is not there")
    func absent() {
        #expect(Sample.program.help(for: ["water", "more"]) == nil)
    }

    @Test("no line is wider than asked", arguments: [40, 60, 80, 120])
    func width(width: Int) throws {
        let text = try #require(Sample.program.help(for: ["water"], format: HelpFormat(width: width)))
        #expect(text.split(separator: "\n").allSatisfy { $0.count <= width })
    }

    @Test("headings are bold only if asked for, and nothing else changes")
    func style() throws {
        let text = try #require(Sample.program.help(for: ["water"], format: HelpFormat(style: .ansi)))
        #expect(text.contains("\u{1B}[1mUsage:\u{1B}[0m garden water"))
        #expect(text.contains("\n\u{1B}[1mOptions:\u{1B}[0m\n"))
        let bare = text.split(separator: "\u{1B}[1m", omittingEmptySubsequences: false).joined()
            .split(separator: "\u{1B}[0m", omittingEmptySubsequences: false).joined()
        try expect(bare, is: "garden-water-help.txt")
    }

    @Test("hidden commands and options are shown nowhere")
    func hidden() {
        let texts =
            [Sample.program.help() ?? "", Sample.program.manPage(date: "2026-01-31")]
            + Shell.allCases.map { Sample.program.completions(for: $0) }
        for text in texts {
            #expect(!text.contains("dig"))
            #expect(!text.contains("trace"))
        }
    }

    @Test("a word longer than the line stands alone")
    func longWord() {
        #expect(wrapped("a incomprehensible b", width: 6, indent: 1) == [" a", " incomprehensible", " b"])
        #expect(wrapped("", width: 6).isEmpty)
    }

    @Test("indented lines of a discussion are kept, others flow")
    func passagesOfText() {
        #expect(
            passages(of: "one\ntwo\n  x\n  y\n\n\nthree")
                == [.paragraph("one two"), .verbatim(["  x", "  y"]), .paragraph("three")])
    }
}

@Suite("Completions")
struct CompletionTests {
    @Test(
        "each shell gets commands, options, choices, files and directories",
        arguments: [(Shell.bash, "garden.bash"), (.zsh, "_garden.zsh"), (.fish, "garden.fish")])
    func script(shell: Shell, file: String) throws {
        try expect(Sample.program.completions(for: shell), is: file)
    }

    @Test("help texts with quotes, colons and backslashes stay one word")
    func quoting() {
        let odd = OptionKey.optional("odd", .text("A:B"), help: #"It's [a] \ b: c"#)
        let program = Program(Command("odd-one", summary: "Odd", options: [odd.option], run: ""), version: "1")
        #expect(program.completions(for: .zsh).contains(#"'--odd=[It'\''s \[a\] \\ b\: c]:A\:B: '"#))
        #expect(program.completions(for: .fish).contains(#"-d 'It\'s [a] \\ b: c'"#))
        #expect(program.completions(for: .bash).contains("complete -F _odd_one odd-one"))
        #expect(shellQuoted("'a'") == #"''\''a'\'''"#)
    }
}

@Suite("The man page")
struct ManPageTests {
    @Test("it holds the whole program, without what groff and mandoc warn about")
    func page() throws {
        try expect(Sample.program.manPage(date: "2026-01-31"), is: "garden.1")
    }

    @Test("no text can be taken for a macro or an escape")
    func escapes() {
        let root = Command("odd", summary: #"A "quoted" \n"#, discussion: ".SH Not a heading\n\n 'nor this", run: "")
        let page = Program(root, version: "1").manPage(date: "2026-01-31")
        #expect(page.contains(#"odd \- A "quoted" \en"#))
        #expect(page.contains(#"\&.SH Not a heading"#))
        #expect(page.contains("\n \\(aqnor this\n"))
    }
}
