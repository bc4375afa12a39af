import Testing

@testable import MendflowCommandLine

@Suite("What is said of a wrong command line")
struct UsageErrorTests {
    @Test(
        "each error names the word and what would be right",
        arguments: [
            ("", "garden: a command is missing: 'water' or 'seed'"),
            ("seed", "garden seed: a command is missing: 'add' or 'list'"),
            ("wtaer", "garden: unknown command 'wtaer'; did you mean 'water'?"),
            ("xyz", "garden: unknown command 'xyz'; the commands are 'water' and 'seed'"),
            ("-- water", "garden: unexpected argument 'water'"),
            ("help wter", "garden: unknown command 'wter'; did you mean 'water'?"),
            ("help water more", "garden water: unexpected argument 'more'"),
            ("water --otuput json", "garden water: unknown option '--otuput'; did you mean '--output'?"),
            ("water --dry", "garden water: unknown option '--dry'; did you mean '--dry-run'?"),
            ("water --hlep", "garden water: unknown option '--hlep'; did you mean '--help'?"),
            ("water --elephant=1", "garden water: unknown option '--elephant'"),
            ("water --trac", "garden water: unknown option '--trac'"),
            ("water -config=x", "garden water: unknown option '-config'; did you mean '--config'?"),
            ("water -x", "garden water: unknown option '-x'"),
            ("water -limit 5", "garden water: unknown option '-limit'; did you mean '--limit'?"),
            ("water -qz", "garden water: unknown option '-z'"),
            ("water -dry-rum", "garden water: unknown option '-dry-rum'; did you mean '--dry-run'?"),
            ("seed -dry-run", "garden seed: unknown option '-d'"),
            ("seed --dry-run", "garden seed: the option '--dry-run' does not apply here; it belongs to 'garden water'"),
            ("-n water", "garden: the option '-n' does not apply here; it belongs to 'garden water'"),
            (
                "--bed x water",
                "garden: the option '--bed' does not apply here; it belongs to 'garden water' and 'garden seed add'"
            ),
            ("water --limit", "garden water: the option '--limit' needs a value: --limit N"),
            ("water -l --", "garden water: the option '-l' needs a value: -l N"),
            (
                "water --config -q",
                "garden water: the option '--config' needs a value, but '-q' follows; "
                    + "if that is the value, write '--config=-q'"
            ),
            (
                "water -c --quiet",
                "garden water: the option '-c' needs a value, but '--quiet' follows; "
                    + "if that is the value, write '-c--quiet'"
            ),
            ("water --quiet=yes", "garden water: the option '--quiet' takes no value, but was given 'yes'"),
            ("--help=water", "garden: the option '--help' takes no value, but was given 'water'"),
            (
                "water -o jsn",
                "garden water: -o: 'jsn' is not one of text, json, markdown; did you mean 'json'?"
            ),
            ("water --limit 501", "garden water: --limit: '501' is out of range from -10 to 500"),
            ("water --config=", "garden water: --config: '' is not a path"),
            ("water --every 90", "garden water: --every: '90' is not a duration, like 90s"),
            ("seed add --bed x s deep", "garden seed add: DEPTH: 'deep' is not a whole number from 1 to 30"),
            ("water -o json -o text", "garden water: the option '-o' was given more than once"),
            ("seed add s", "garden seed add: the option '--bed NAME' is required; or set GARDEN_BED"),
            ("seed add --bed x", "garden seed add: the argument SEED is missing"),
            ("seed list json more", "garden seed list: unexpected argument 'more'"),
            (
                "water --dry-run --force",
                "garden water: '--dry-run' and '--force' rule each other out; give one of them"
            ),
        ])
    func message(line: String, message: String) {
        #expect(Sample.fault(line) == message)
    }

    @Test("a wrong environment variable is named")
    func environment() {
        #expect(
            Sample.fault("water", ["GARDEN_OUTPUT": "yaml"])
                == "garden water: GARDEN_OUTPUT: 'yaml' is not one of text, json, markdown")
        #expect(
            Sample.fault("water", ["GARDEN_DRY_RUN": "maybe"])
                == "garden water: GARDEN_DRY_RUN: 'maybe' is neither true nor false")
        #expect(
            Sample.fault("water", ["GARDEN_DRY_RUN": "1", "GARDEN_FORCE": "1"])
                == "garden water: 'GARDEN_DRY_RUN' and 'GARDEN_FORCE' rule each other out; give one of them")
    }

    @Test("one of a required group must be given")
    func requiredGroup() {
        let keys = [OptionKey.flag("red", help: "Red"), OptionKey.flag("blue", help: "Blue")]
        let root = Command(
            "paint", summary: "Paint", options: keys.map(\.option),
            exclusive: [ExclusiveOptions(["red", "blue"], isRequired: true)], run: "")
        guard case .failure(let error) = Program(root, version: "1").parse([]) else {
            Issue.record("no failure")
            return
        }
        #expect(error.fault == .noneOf(["--red", "--blue"]))
        #expect(error.message == "paint: one of '--red' or '--blue' is required")
    }

    @Test("the whole text shows how the command is used")
    func description() {
        guard case .failure(let error) = Sample.parse("seed add") else {
            Issue.record("no failure")
            return
        }
        #expect(
            error.description == """
                garden seed add: the option '--bed NAME' is required; or set GARDEN_BED
                Usage: garden seed add --bed NAME [OPTIONS] SEED [DEPTH]
                See 'garden seed add --help'.
                """)
    }

    @Test("many commands are for the help to list, which is pointed to")
    func many() {
        let commands = (10...40).map { Command("do-\($0)", summary: "", run: "") }
        let program = Program(Command("many", summary: "", subcommands: commands), version: "1")
        for (words, message) in [
            (["x"], "many: unknown command 'x'"), (["d0-12"], "many: unknown command 'd0-12'; did you mean 'do-12'?"),
            ([], "many: a command is missing"),
        ] {
            guard case .failure(let error) = program.parse(words) else {
                Issue.record("no failure of \(words)")
                continue
            }
            #expect(error.message == message)
            #expect(error.description.hasSuffix("See 'many --help'."))
        }
    }
}

@Suite("Faults of a declaration")
struct DeclarationTests {
    @Test("the sample has none")
    func clean() {
        #expect(declarationFaults(of: Sample.root).isEmpty)
    }

    @Test("each fault is told with the command it is in")
    func faults() {
        let flag = OptionKey.flag("loud", short: "l", help: "")
        let many = ArgumentKey.repeated("ALL", .text(), help: "")
        let one = ArgumentKey.required("ONE", .text(), help: "")
        let child = Command(
            "child", summary: "", options: [flag.option], exclusive: [ExclusiveOptions(["quiet"])],
            arguments: [many.argument, one.argument], run: "")
        let root = Command(
            "root", summary: "",
            options: [
                OptionKey.flag("loud", short: "l", help: "", traits: .inherited).option,
                OptionKey.flag("help", help: "").option, OptionKey.flag("Bad", short: "=", help: "").option,
            ], arguments: [one.argument], subcommands: [child, Command("child", summary: "")])
        #expect(
            declarationFaults(of: root) == [
                "root: the command 'child' is declared twice",
                "root: '--help' takes the place of help or version",
                "root: '--Bad' is not a name",
                "root: '-=' is not a letter or digit",
                "root: has arguments but cannot be run",
                "root child: the option '--loud' is declared twice",
                "root child: '-l' is declared twice",
                "root child: the exclusive option '--quiet' is not one of the command's own",
                "root child: ONE can never be given: ALL takes all words",
                "root child: ALL cannot be left out before ONE",
                "root child: cannot be run and has no subcommands",
            ])
    }
}
