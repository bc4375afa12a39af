import Glibc
import MendflowCommands

@main
struct Mendflow {
    static func main() async {
        let code = await CommandRunner.run(Array(CommandLine.arguments.dropFirst()))
        // Without destructors: a thread of libcurl's may still be cleaning up what they would tear down.
        fflush(nil)
        _exit(CInt(code.rawValue))
    }
}
