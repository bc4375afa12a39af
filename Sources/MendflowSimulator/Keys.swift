import MendflowHTTP

extension Simulator {
    /// How a server that knows `Idempotency-Key` treats it, where n8n's documents leave that open. As it is made here, it
    /// keeps what is documented and nothing more.
    public struct KeyReading: Sendable, Hashable {
        /// What a request is answered whose key's request goes on.
        public enum Processing: String, Sendable, Hashable, CaseIterable {
            /// 409.
            case refused
            /// The answer to the first, once that is there.
            case held
        }
        /// What is left of keys when the main process was started again.
        public enum AtRestart: String, Sendable, Hashable, CaseIterable {
            /// All. One whose request went on stays so for as long as it is kept.
            case kept
            /// Those whose request was answered.
            case processingForgotten
            /// None.
            case forgotten
        }
        /// Whether an answer that is no success is kept too, and given again. Else its key is free again.
        public var keepsFailures = false
        /// What a request is answered whose key's request goes on.
        public var processing = Processing.refused
        /// With which status a key is refused that was taken by another request.
        public var mismatchStatus = 422
        /// What is left of keys when the main process was started again.
        public var atRestart = AtRestart.kept
        /// Whether the server forgets one key in three once its request is answered.
        public var forgetsSome = false
        /// Whether something in front of the server takes the header out of requests.
        public var isStripped = false
        /// For how long a key is kept, in milliseconds.
        public var lifetime: Int64 = 12 * 3_600_000

        /// Makes the reading that n8n's documents suggest.
        public init() {}

        /// Every way to read the documents.
        public static let every: [KeyReading] = (0..<2 * 2 * 3 * 3 * 3).map { number in
            var (reading, rest) = (KeyReading(), number)
            func choose(_ count: Int) -> Int {
                defer { rest /= count }
                return rest % count
            }
            reading.atRestart = AtRestart.allCases[choose(3)]
            reading.mismatchStatus = [400, 409, 422][choose(3)]
            switch choose(3) {
            case 0: break
            case 1: reading.forgetsSome = true
            default: reading.isStripped = true
            }
            reading.processing = Processing.allCases[choose(2)]
            reading.keepsFailures = choose(2) == 1
            return reading
        }
    }

    /// A key as the server keeps it: each user has keys of their own.
    struct KeyName: Sendable, Hashable {
        var user: String, key: String
    }

    /// What the server keeps of a key.
    struct KeptKey: Sendable {
        enum State: Sendable {
            /// Its request goes on: the run that answers it, where it is a retry.
            case processing(run: Int?)
            case completed(HTTPResponse)
        }
        /// The request that took it: method, path and body.
        var request: [UInt8]
        var takenAt: Int64
        var state: State
    }

    /// The key of a request that the server looks at; nil where it looks at none.
    func keyName(of request: HTTPRequest, _ user: APIKey) -> KeyName? {
        guard configuration.release.knowsKeys, !configuration.keyReading.isStripped, request.method == .post else {
            return nil
        }
        return request.headers["Idempotency-Key"].map { KeyName(user: user.name, key: $0) }
    }

    /// Takes a key for a request, and answers the request where it must not be processed.
    mutating func claim(_ name: KeyName, for request: HTTPRequest) -> Answer? {
        guard (1...128).contains(name.key.utf8.count), name.key.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            return .now(.message(400, "Idempotency-Key must be 1 to 128 visible ASCII characters"))
        }
        let reading = configuration.keyReading
        let print = Array("\(request.method.name) \(Route.parts(of: request.url).path)\n".utf8) + (request.body ?? [])
        guard let known = keys[name], known.takenAt + reading.lifetime > now else {
            keys[name] = KeptKey(request: print, takenAt: now, state: .processing(run: nil))
            return nil
        }
        guard known.request == print else {
            return .now(.message(reading.mismatchStatus, "Idempotency-Key was used with another request"))
        }
        switch known.state {
        case .completed(let response): return .now(response)
        case .processing(let run?) where reading.processing == .held: return .whenEnded(run)
        case .processing: return .now(.message(409, "A request with this Idempotency-Key is being processed"))
        }
    }

    /// Takes in what the request is answered that has taken a key.
    mutating func note(_ answer: Answer, to name: KeyName) {
        switch answer {
        case .now(let response): complete(name, response)
        case .whenEnded(let run):
            keys[name]?.state = .processing(run: run)
            keysAtWork[run] = name
        }
    }

    /// Takes in the answer of a run that a key's request has started.
    mutating func completeKey(of run: Int, _ response: HTTPResponse) {
        if let name = keysAtWork.removeValue(forKey: run) { complete(name, response) }
    }

    private mutating func complete(_ name: KeyName, _ response: HTTPResponse) {
        let isGood = (200...299).contains(response.status)
        let sum = name.key.utf8.reduce(0) { $0 + Int($1) }
        keys[name]?.state = .completed(response)
        if !isGood, !configuration.keyReading.keepsFailures { keys[name] = nil }
        if configuration.keyReading.forgetsSome, sum % 3 == 0 { keys[name] = nil }
    }

    /// What is left of keys when the main process dies.
    mutating func loseKeys() {
        keysAtWork = [:]
        switch configuration.keyReading.atRestart {
        case .kept: break
        case .processingForgotten: keys = keys.filter { if case .completed = $0.value.state { true } else { false } }
        case .forgotten: keys = [:]
        }
    }
}

extension Simulator.KeyReading: CustomStringConvertible {
    /// What it is, in words.
    public var description: String {
        let words =
            [
                keepsFailures ? "failures kept" : "failures not kept", "processing \(processing.rawValue)",
                "mismatch \(mismatchStatus)", "at a restart \(atRestart.rawValue)",
            ] + (forgetsSome ? ["one in three forgotten"] : [])
        return isStripped ? "keys stripped by a proxy" : "keys honoured (\(words.joined(separator: ", ")))"
    }
}
