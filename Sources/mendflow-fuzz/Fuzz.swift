import Glibc
import MendflowFuzz

/// Feeds a target inputs: `mendflow-fuzz TARGET FILE ...` the files, each once; `mendflow-fuzz TARGET --seeds FOLDER` writes
/// there what fuzzing begins with.
///
/// Built with `-sanitize=fuzzer -D LIBFUZZER`, as `scripts/fuzz` does, the words behind the target are libFuzzer's, which
/// makes inputs of its own.
@main
enum Fuzz {
    static func main() {
        let words = CommandLine.arguments
        guard words.count > 1 else { return FuzzTarget.all.forEach { write("\($0)", to: 1) } }
        guard let target = FuzzTarget.all.first(where: { $0.name == words[1] }) else {
            write("no target is named \(words[1]); there are: \(FuzzTarget.all.map(\.name).joined(separator: ", "))")
            exit(64)
        }
        if words.count == 4, words[2] == "--seeds" {
            do { try target.writeInputs(into: words[3]) } catch {
                write("\(words[3]) cannot be written: \(error)")
                exit(73)
            }
            return
        }
        #if LIBFUZZER
            drive(target)
        #else
            for path in words.dropFirst(2) { check(target, bytes(of: path)) }
        #endif
    }

    /// Ends the process where a promise is broken, as a crash would.
    static func check(_ target: FuzzTarget, _ bytes: [UInt8]) {
        do throws(BrokenPromise) { try target.check(bytes) } catch {
            write("broken promise of \(target): \(error)")
            abort()
        }
    }

    private static func write(_ line: String, to file: Int32 = 2) {
        let bytes = Array((line + "\n").utf8)
        _ = unsafe bytes.withUnsafeBytes { unsafe Glibc.write(file, $0.baseAddress, $0.count) }
    }

    private static func bytes(of path: String) -> [UInt8] {
        let file = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else {
            write("\(path) cannot be read: error \(errno)")
            exit(66)
        }
        defer { close(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = unsafe read(file, &buffer, buffer.count)
            guard count > 0 else { return bytes }
            bytes += buffer.prefix(count)
        }
    }
}

#if LIBFUZZER
    /// libFuzzer's loop, for programs that have a `main` of their own.
    @_silgen_name("LLVMFuzzerRunDriver")
    private func runDriver(
        _ count: UnsafeMutablePointer<CInt>,
        _ words: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
        _ body: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
    ) -> CInt

    extension Fuzz {
        /// The target; a function that C calls captures nothing. Set before libFuzzer begins, whose calls come from one thread.
        nonisolated(unsafe) private static var target: FuzzTarget?

        /// Gives libFuzzer the words, the first two as one: to make a finding small it starts `words[0]` again, in a shell.
        fileprivate static func drive(_ target: FuzzTarget) {
            unsafe self.target = target
            var words = unsafe CommandLine.unsafeArgv
            unsafe words[1] = strdup(CommandLine.arguments[0] + " " + target.name)
            unsafe words += 1
            var count = CommandLine.argc - 1
            let status = unsafe runDriver(&count, &words) { start, size in
                let bytes = unsafe Array(UnsafeBufferPointer(start: start, count: size))
                if let target = unsafe Fuzz.target { Fuzz.check(target, bytes) }
                return 0
            }
            exit(status)
        }
    }
#endif
