import MendflowCommandLine
import Testing

@Suite("Reading a command line")
struct ParsingTests {
    @Test(
        "an option's value may follow, be glued, or follow an equals sign",
        arguments: [
            "water --output json", "water --output=json", "water -o json", "water -ojson", "water -o=json",
            "--output json water", "-ojson water", "water -qo json", "water -qnojson",
        ])
    func spellings(line: String) throws {
        #expect(try #require(Sample.values(line))[Sample.output] == .json)
    }

    @Test("what is not given has its default, nil, nothing or false")
    func defaults() throws {
        let values = try #require(Sample.values("water"))
        #expect(values[Sample.config] == "garden.yaml")
        #expect(values[Sample.output] == .text)
        #expect(values[Sample.limit] == nil)
        #expect(values[Sample.beds].isEmpty)
        #expect(values[Sample.plants].isEmpty)
        #expect(!values[Sample.dryRun])
        #expect(values.origin(of: Sample.config) == .standard)
    }

    @Test("short flags combine, flags may be repeated")
    func flags() throws {
        let values = try #require(Sample.values("water -nq -q"))
        #expect(values[Sample.dryRun])
        #expect(values[Sample.quiet])
        #expect(!values[Sample.force])
    }

    @Test("a repeated option keeps its values in order, and arguments may stand between")
    func repeated() throws {
        let values = try #require(Sample.values("water -b north rose --bed=south -bwest lily"))
        #expect(values[Sample.beds] == ["north", "south", "west"])
        #expect(values[Sample.plants] == ["rose", "lily"])
    }

    @Test(
        "negative numbers are values",
        arguments: ["water --limit -5", "water -l -5", "water -l-5", "water --limit=-5"])
    func negative(line: String) throws {
        #expect(try #require(Sample.values(line))[Sample.limit] == -5)
    }

    @Test("a dash, a negative number and all after -- are arguments")
    func dashes() throws {
        let values = try #require(Sample.values("water - -7 -- --output -q --"))
        #expect(values[Sample.plants] == ["-", "-7", "--output", "-q", "--"])
        #expect(!values[Sample.quiet])
        #expect(try #require(Sample.values("water -c -"))[Sample.config] == "-")
    }

    @Test("a value may be empty or hold an equals sign")
    func oddValues() throws {
        guard case .run(_, let values) = Sample.program.parse(["water", "--bed=", "--bed", "", "-b", "a=b"]) else {
            Issue.record("not run")
            return
        }
        #expect(values[Sample.beds] == ["", "", "a=b"])
    }

    @Test("what runs a nested command comes with its values, and its arguments have their types")
    func nested() throws {
        guard case .run(let run, let values) = Sample.parse("seed add --bed north poppy 3") else {
            Issue.record("not run")
            return
        }
        #expect(run == "sow")
        #expect(values[Sample.bed] == "north")
        #expect(values[Sample.seed] == "poppy")
        #expect(values[Sample.depth] == 3)
        #expect(try #require(Sample.values("seed add --bed x poppy"))[Sample.depth] == nil)
    }

    @Test("a kind of one's own makes its own values")
    func custom() throws {
        #expect(try #require(Sample.values("water --every 90s"))[Sample.every] == Seconds(count: 90))
    }

    @Test("hidden commands and options work")
    func hidden() throws {
        #expect(try #require(Sample.values("dig --trace"))[Sample.trace])
    }

    @Test(
        "a command below one that runs by itself may know its options; what only the one above knows is refused below")
    func sharedOptions() throws {
        let (name, pace) = (
            OptionKey.optional("name", .text(), help: "Whom to greet"), OptionKey.flag("fast", help: "Be quick")
        )
        let program = Program(
            Command(
                "hello", summary: "Greet", options: [name.option, pace.option],
                subcommands: [Command("loudly", summary: "Shout", options: [name.option], run: "shout")], run: "greet"),
            version: "1")
        for line in [["loudly", "--name", "Ann"], ["--name", "Ann", "loudly"]] {
            guard case .run("shout", let values) = program.parse(line) else {
                Issue.record("not run: \(line)")
                continue
            }
            #expect(values[name] == "Ann")
        }
        for line in [["--fast", "loudly"], ["loudly", "--fast"]] {
            guard case .failure(let error) = program.parse(line) else {
                Issue.record("taken: \(line)")
                continue
            }
            #expect(error.description.contains("the option '--fast' does not apply here; it belongs to 'hello'"))
        }
    }

    @Test("a command with subcommands may run by itself and take arguments")
    func runnableParent() {
        let name = ArgumentKey.optional("NAME", .text(), help: "Whom to greet")
        let program = Program(
            Command(
                "hello", summary: "Greet", arguments: [name.argument],
                subcommands: [Command("loudly", summary: "Shout", run: "shout")], run: "greet"),
            version: "1")
        guard case .run(let bare, let none) = program.parse([]),
            case .run(_, let world) = program.parse(["world"]),
            case .run(let loud, _) = program.parse(["loudly"]),
            case .run(_, let quoted) = program.parse(["--", "loudly"])
        else {
            Issue.record("not run")
            return
        }
        #expect(bare == "greet")
        #expect(none[name] == nil)
        #expect(world[name] == "world")
        #expect(loud == "shout")
        #expect(quoted[name] == "loudly")
    }
}

@Suite("Environment variables")
struct EnvironmentTests {
    @Test("they hold where the command line says nothing")
    func stands() throws {
        let environment = ["GARDEN_OUTPUT": "json", "GARDEN_DRY_RUN": "yes", "GARDEN_CONFIG": ""]
        let values = try #require(Sample.values("water", environment))
        #expect(values[Sample.output] == .json)
        #expect(values[Sample.dryRun])
        #expect(values[Sample.config] == "garden.yaml")
        #expect(values.origin(of: Sample.output) == .environment("GARDEN_OUTPUT"))
        let overridden = try #require(Sample.values("water -o text", environment))
        #expect(overridden[Sample.output] == .text)
        #expect(overridden.origin(of: Sample.output) == .commandLine)
    }

    @Test("they satisfy a required option")
    func required() throws {
        #expect(try #require(Sample.values("seed add s", ["GARDEN_BED": "east"]))[Sample.bed] == "east")
    }

    @Test("a flag on the command line beats one in the environment that it rules out")
    func exclusive() throws {
        let values = try #require(Sample.values("water --force", ["GARDEN_DRY_RUN": "1"]))
        #expect(values[Sample.force])
        #expect(!values[Sample.dryRun])
        #expect(Sample.values("water", ["GARDEN_DRY_RUN": "1", "GARDEN_FORCE": "0"]) != nil)
    }
}

@Suite("Help and version as outcomes")
struct OutcomeTests {
    @Test(
        "help is asked for by option or by command, before anything else is checked",
        arguments: [
            ("--help", []), ("-h", []), ("help", []), ("-q help", []), ("water --help", ["water"]),
            ("water --limit x -h", ["water"]), ("help seed add", ["seed", "add"]), ("seed help add", ["seed", "add"]),
            ("seed add -qh", ["seed", "add"]),
        ])
    func help(line: String, names: [String]) throws {
        guard case .help(let text) = Sample.parse(line) else {
            Issue.record("no help")
            return
        }
        #expect(text == Sample.program.help(for: names))
    }

    @Test("version is the root's alone")
    func version() {
        guard case .version("1.2.3") = Sample.parse("--version") else {
            Issue.record("no version")
            return
        }
        #expect(Sample.fault("water --version") == "garden water: unknown option '--version'")
    }
}
