import Glibc
import MendflowCommands

@main
struct Mendflow {
    static func main() async {
        let code = await CommandRunner.run(Array(CommandLine.arguments.dropFirst()))
        exit(CInt(code.rawValue))
    }
}
