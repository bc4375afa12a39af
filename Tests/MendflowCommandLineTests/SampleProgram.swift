import MendflowCommandLine

enum Format: String, CaseIterable, Sendable {
    case text, json, markdown
}

struct Seconds: Equatable, Sendable {
    let count: Int
}

/// A command that is run by a word.
typealias Command = MendflowCommandLine.Command<String>

/// A small program that uses every feature of the parser once.
enum Sample {
    static let config = OptionKey<String>(
        "config", short: "c", .file(), default: "garden.yaml", help: "Read the plan from FILE",
        env: "GARDEN_CONFIG", traits: .inherited)
    static let output = OptionKey<Format>(
        "output", short: "o", .choice("FORMAT"), default: .text, help: "Print as FORMAT", env: "GARDEN_OUTPUT",
        traits: .inherited)
    static let quiet = OptionKey.flag("quiet", short: "q", help: "Say less", traits: .inherited)
    static let trace = OptionKey.flag("trace", help: "Show the inner workings", traits: [.inherited, .hidden])

    static let dryRun = OptionKey.flag("dry-run", short: "n", help: "Change nothing", env: "GARDEN_DRY_RUN")
    static let force = OptionKey.flag("force", help: "Don't ask: water at once", env: "GARDEN_FORCE")
    static let limit = OptionKey.optional("limit", short: "l", .integer("N", in: -10...500), help: "Stop after N beds")
    static let beds = OptionKey.repeated(
        "bed", short: "b", .name(printedBy: ["list", "beds"]), help: "Only this bed")
    static let every = OptionKey.optional("every", seconds, help: "Wait this long between rounds", section: "Timing")
    static let plants = ArgumentKey.repeated("PLANT", .text(), help: "What to water")

    static let bed = OptionKey.required("bed", .text("NAME"), help: "Where it goes", env: "GARDEN_BED")
    static let seed = ArgumentKey.required("SEED", .file(), help: "A packet of seeds")
    static let depth = ArgumentKey.optional("DEPTH", .integer("DEPTH", in: 1...30), help: "How deep, in centimetres")
    static let store = OptionKey.optional("store", .directory(), help: "Keep the rest there")
    static let kind = ArgumentKey.required("KIND", ValueKind<Format>.choice("KIND"), help: "What to list")

    static let seconds = ValueKind<Seconds>.custom("DURATION", show: { "\($0.count)s" }) { word throws(ValueError) in
        guard word.last == "s", let count = Int(word.dropLast()) else {
            throw ValueError("is not a duration, like 90s")
        }
        return Seconds(count: count)
    }

    static let water = Command(
        "water", summary: "Water what is dry",
        discussion: """
            Goes from bed to bed and waters each plant whose soil is drier
            than its kind likes, oldest first.

              dry   < 20 %
              moist < 60 %

            Plants that were watered by hand today are left alone.
            """,
        examples: [
            Example("garden water --dry-run", "See what would be watered"),
            Example("garden water -b north rose lily", "Water two plants in one bed"),
        ],
        exitCodes: [ExitCode(0, "All is moist."), ExitCode(3, "The tank is empty.")],
        options: [dryRun.option, force.option, limit.option, beds.option, every.option],
        exclusive: [ExclusiveOptions(["dry-run", "force"])],
        arguments: [plants.argument], run: "water"
    )
    static let seedAdd = Command(
        "add", summary: "Sow a seed", options: [bed.option, store.option],
        arguments: [seed.argument, depth.argument], run: "sow")
    static let seedList = Command("list", summary: "List what was sown", arguments: [kind.argument], run: "list")
    static let secret = Command("dig", summary: "Dig everything up", isHidden: true, run: "dig")

    static let root = Command(
        "garden", summary: "Look after a garden",
        discussion: "Waters, sows and weeds by a plan.",
        examples: [Example("garden water", "Water the garden")],
        exitCodes: [ExitCode(0, "Done."), ExitCode(2, "The command line is wrong.")],
        options: [config.option, output.option, quiet.option, trace.option],
        subcommands: [water, Command("seed", summary: "Sow and list", subcommands: [seedAdd, seedList]), secret]
    )
    static let program = Program(root, version: "1.2.3")

    static func parse(_ line: String, _ environment: [String: String] = [:]) -> ParseOutcome<String> {
        program.parse(line.split(separator: " ").map { String($0) }, environment: environment)
    }

    static func values(_ line: String, _ environment: [String: String] = [:]) -> ParsedArguments? {
        guard case .run(_, let arguments) = parse(line, environment) else { return nil }
        return arguments
    }

    static func fault(_ line: String, _ environment: [String: String] = [:]) -> String? {
        guard case .failure(let error) = parse(line, environment) else { return nil }
        return error.message
    }
}
