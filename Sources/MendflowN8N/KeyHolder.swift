import Synchronization

/// The API key. It is read when it is first needed, and read anew after n8n refused it, so that a key can be exchanged
/// while the agent runs.
final class KeyHolder: Sendable {
    /// Why there is no key to send. The message never contains the key.
    struct Fault: Error {
        let message: String
    }

    private struct Memory {
        var current: String?
        /// The last key that was used, even if it was refused: texts that echo it must still be cleaned of it.
        var last: String?
        /// The same, ready to be looked for.
        var own = OwnSecrets([])
    }

    private let provide: @Sendable () throws -> String
    private let memory = Mutex(Memory())

    init(_ provide: @escaping @Sendable () throws -> String) { self.provide = provide }

    /// The last key, for removing it from texts.
    var own: OwnSecrets { memory.withLock { $0.own } }

    /// The key to send.
    func current() throws(Fault) -> String {
        if let key = memory.withLock({ $0.current }) { return key }
        let raw: String
        do { raw = try provide() } catch {
            throw Fault(message: "the API key could not be read (\(error)); check api_key_env or api_key_file")
        }
        var bytes = Array(raw.utf8)
        while bytes.last == 0x0A || bytes.last == 0x0D { bytes.removeLast() }
        guard !bytes.isEmpty else {
            throw Fault(message: "the API key is empty; make one in n8n under Settings > n8n API")
        }
        guard bytes.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw Fault(message: "the API key holds blanks or characters outside ASCII; copy it again from n8n")
        }
        let key = String(decoding: bytes, as: UTF8.self)
        memory.withLock {
            if $0.last != key { $0.own = OwnSecrets([key]) }
            ($0.current, $0.last) = (key, key)
        }
        return key
    }

    /// Forgets a key that was refused, unless another one is in use already.
    func refused(_ key: String) {
        memory.withLock { if $0.current == key { $0.current = nil } }
    }
}
