internal import MendflowCore
internal import MendflowHTTP

/// Why a request brought no whole answer.
enum ExchangeFailure: Error, Sendable {
    /// There is no key to send; nothing was sent.
    case key(String)
    /// The transport failed. `deadline` is set if we gave up, to the time after which we did.
    case transport(TransportFailure, deadline: Period?)
}

/// Sends one request within its deadline and takes in the answer.
struct Exchange: Sendable {
    let connection: N8NConnection
    let transport: any Transport
    let clock: any AgentClock

    private enum Event: Sendable {
        case ended(Result<TransferSummary, TransportFailure>)
        case deadline(Period)
        case woken
    }

    /// Sends a read. After a 401 the key is read anew, and if it has changed the request is repeated once.
    func read(_ call: Call) async throws(ExchangeFailure) -> Answer {
        let (answer, key) = try await attempt(call)
        guard answer.status == 401, call.isBelowAPI, let fresh = try? connection.key.current(), fresh != key else {
            return answer
        }
        return try await attempt(call).0
    }

    /// Sends a mutation, once. After a 401 it is not repeated; only the next request reads the key anew.
    func write(_ call: Call) async throws(ExchangeFailure) -> Answer { try await attempt(call).0 }

    private func attempt(_ call: Call) async throws(ExchangeFailure) -> (Answer, key: String) {
        let key: String
        do throws(KeyHolder.Fault) {
            key = call.isBelowAPI ? try connection.key.current() : ""
        } catch {
            throw .key(connection.scrub(error.message))
        }
        let reading = AnswerReading(content: call.content, limit: call.bodyLimit)
        let (result, gaveUpAfter) = await transfer(request(call, key: key), call.deadline, into: reading)
        switch result {
        case .success(let summary):
            let answer = reading.answer(summary)
            if call.isBelowAPI { connection.meter.note(answer, isWrite: call.method != .get, clock) }
            if answer.status == 401, call.isBelowAPI { connection.key.refused(key) }
            return (answer, key)
        case .failure(let failure):
            throw .transport(failure, deadline: gaveUpAfter)
        }
    }

    private func request(_ call: Call, key: String) -> HTTPRequest {
        var headers: HTTPHeaders = ["Accept": "application/json", "User-Agent": connection.userAgent]
        for field in connection.extraHeaders { headers[field.name] = field.value }
        if call.isBelowAPI { headers["X-N8N-API-KEY"] = key }
        if call.body != nil { headers["Content-Type"] = "application/json" }
        if let tag = call.knownTag { headers["If-None-Match"] = tag }
        if let key = call.key { headers["Idempotency-Key"] = key }
        return HTTPRequest(call.method, call.url(on: connection), headers: headers, body: call.body)
    }

    /// Waits for the end of the transfer, and tells after how long we gave it up, if we did. Its end is awaited also
    /// then, because only the transfer knows how many bytes were sent, and that may be the proof that nothing was done.
    private func transfer(
        _ request: HTTPRequest, _ deadline: Call.Deadline, into reading: AnswerReading
    ) async -> (Result<TransferSummary, TransportFailure>, Period?) {
        await withTaskGroup(of: Event.self) { group in
            group.addTask { await deliver(request, into: reading) }
            group.addTask { await wait(deadline, reading) }
            var gaveUpAfter: Period?
            while let event = await group.next() {
                switch event {
                case .ended(let result):
                    group.cancelAll()
                    return (result, gaveUpAfter)
                case .deadline(let period):
                    gaveUpAfter = period
                    group.cancelAll()
                case .woken: continue
                }
            }
            preconditionFailure("a task group ended without the result of one of its tasks")
        }
    }

    private func deliver(_ request: HTTPRequest, into reading: AnswerReading) async -> Event {
        do throws(TransportFailure) {
            return .ended(.success(try await transport.send(request) { reading.observe($0) }))
        } catch {
            return .ended(.failure(error))
        }
    }

    private func wait(_ deadline: Call.Deadline, _ reading: AnswerReading) async -> Event {
        do {
            switch deadline {
            case .whole(let period):
                try await clock.sleep(for: period)
                return .deadline(period)
            case .sending(let first, let answer):
                try await clock.sleep(for: first)
                guard reading.sawSending else { return .deadline(first) }
                try await clock.sleep(for: answer)
                return .deadline(answer)
            }
        } catch {
            return .woken
        }
    }
}
