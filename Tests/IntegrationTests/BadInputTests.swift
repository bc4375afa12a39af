import FoundationEssentials
import Glibc
import MendflowHTTP
import MendflowHTTPServer
import MendflowRehearsal
import MendflowSimulator
import Testing

/// Bad input gets a clear error and loses nothing.
@Suite("Bad input", .timeLimit(.minutes(30)))
struct BadInputTests {
    @Test("of configuration and policies is named with file, line and column")
    func findings() async throws {
        let world = try World()
        func check(_ place: String, _ spelling: String) async throws {
            for command in ["validate", "plan", "run"] {
                let end = try await world.run(command)
                #expect(end.code == 65, "\(command)")
                let text = end.out + end.err
                #expect(text.contains("\(world.folder)/\(place): error: "), "\(text)")
                #expect(text.contains("did you mean `\(spelling)`?"), "\(text)")
            }
        }
        try world.write("policies.yaml", World.policies.replacing("older_than", with: "odler_than"))
        try await check("policies.yaml:8:30", "older_than")
        try world.write("mendflow.yaml", World.configuration(url: world.server.url) + "pol_interval: 30s\n")
        try await check("mendflow.yaml:8:1", "poll_interval")
        try world.write("mendflow.yaml", "mode: [enforce\n")
        let broken = try await world.run("run")
        #expect(broken.code == 65 && broken.err.contains("\(world.config):"), "\(broken.err)")
        try await world.remove()
    }

    @Test("of policies keeps no operator from the ledger: the agent goes on with what it read, and can be stopped")
    func operatorsComeFirst() async throws {
        let world = try World()
        try await world.initialise()
        try world.write("policies.yaml", "policies: [")
        #expect(try await world.run("plan").code == 65)
        // Nor does a configuration with errors keep anybody from stopping it, as long as it says which ledger is meant.
        let sound = World.configuration(url: world.server.url)
        try world.write("mendflow.yaml", sound + "modde: x\n")
        #expect(try await world.run("status").code == 65)
        let stopped = try await world.run("pause", "--reason", "stop now")
        #expect(stopped.code == 0 && stopped.err.contains("have errors"), "\(stopped.err)")
        try world.write("mendflow.yaml", sound.replacing("ledger: ", with: "leger: "))
        #expect(try await world.run("pause", "--reason", "which one").code == 65)
        try world.write("mendflow.yaml", sound)
        #expect(try await world.run("status").out.contains("PAUSED: stop now"))
        #expect(try await world.run("resume").code == 0)
        let paused = try await world.run("pause", "--reason", "stop now")
        #expect(paused.code == 0 && paused.err.contains("`mendflow validate`"), "\(paused.out)\(paused.err)")
        for command in [
            ["status"], ["inbox"], ["audit", "tail"], ["audit", "verify"], ["instance", "list"], ["resume"],
        ] {
            let end = try await world.run(command)
            #expect(end.code == 0, "\(command): \(end.out)\(end.err)")
        }
        try await world.remove()
    }

    @Test("such as a configuration or a policy file that is not there names the file")
    func missingFiles() async throws {
        let world = try World()
        try FileManager.default.removeItem(atPath: world.folder + "/policies.yaml")
        let policies = try await world.run("run")
        let named = policies.err.contains("names `policies.yaml`, which cannot be read")
        #expect(policies.code == 65 && named, "\(policies.err)")
        try FileManager.default.removeItem(atPath: world.config)
        let argument = try await world.run("validate", world.folder + "/none.yaml", "-o", "json")
        #expect(argument.code == 65 && argument.out.contains("\"id\" : \"unreadable-file\""), "\(argument.out)")
        #expect(!argument.out.contains("`policies`"))
        let nothing = try await world.run("validate", "-o", "json")
        #expect(nothing.code == 65 && nothing.out.contains("\"ok\" : false"), "\(nothing.out)")
        let config = try await world.run("run")
        #expect(config.code == 65 && config.err.contains(world.config), "\(config.err)")
        #expect(config.err.contains("mendflow init"))
        try await world.remove()
    }

    @Test("such as a key that is nowhere says where it was looked for", arguments: ["run", "plan"])
    func key(command: String) async throws {
        let world = try World()
        try await world.initialise()
        let unset = try await world.run(command, environment: ["N8N_API_KEY": ""])
        #expect(unset.code == 65 && unset.err.contains("N8N_API_KEY is not set"), "\(unset.err)")
        try world.write("mendflow.yaml", World.configuration(url: world.server.url, key: "api_key_file: n8n.key"))
        let missing = try await world.run(command)
        #expect(missing.code == 65 && missing.err.contains("\(world.folder)/n8n.key: No such file"), "\(missing.err)")
        try world.write("n8n.key", World.key + "\n")
        #expect(try await world.run(command, "--config", world.config, config: false).code != 65 || command == "run")
        try await world.remove()
    }

    @Test(
        "such as a wrong address is told from a server that is down",
        arguments: [("http://127.0.0.1:1", "is n8n running"), ("http://no-such-host.invalid", "could not be resolved")])
    func address(url: String, words: String) async throws {
        let world = try World()
        try await world.initialise()
        try world.write("mendflow.yaml", World.configuration(url: url))
        for words in [["plan"], ["run", "--once"]] {
            let end = try await world.run(words)
            #expect(end.code == 69, "\(words): \(end.err)")
        }
        let end = try await world.run("status")
        #expect(end.code == 69 && end.out.contains(words), "\(end.out)")
        try await world.remove()
    }

    @Test("such as a server that is not n8n is called that")
    func notN8N() async throws {
        let page = Array("<html><body>Welcome to nginx!</body></html>".utf8)
        let server = try HTTPServer.start { _ in
            .respond(HTTPResponse(status: 200, headers: ["Content-Type": "text/html"], body: page))
        }
        let world = try World()
        let url = "http://127.0.0.1:\(server.port)"
        try world.write("mendflow.yaml", World.configuration(url: url))
        let initial = try await world.run("init", world.folder, "--url", url, "--key-env", "N8N_API_KEY", config: false)
        #expect(initial.code == 69 && initial.err.contains("no ledger was made"), "\(initial.err)")
        let plan = try await world.run("plan")
        #expect(plan.code == 69 && plan.err.contains("n8n"), "\(plan.err)")
        await server.stop()
        try await world.remove()
    }

    @Test("such as a key that n8n refuses ends a command with 69 and leaves the ledger as it is")
    func refusedKey() async throws {
        let world = try World()
        try await world.initialise()
        let failed = world.failure()
        for words in [["plan"], ["run", "--once"]] {
            let end = try await world.run(words, environment: ["N8N_API_KEY": "another"])
            #expect(end.code == 69 && end.err.contains("n8n refuses the API key"), "\(words): \(end.err)")
        }
        #expect(world.retries(failed).isEmpty)
        #expect(try await world.run("run", "--once").code == 0)
        #expect(world.retries(failed).count == 1)
        try await world.remove()
    }

    @Test("such as a key without a scope: the scope and the action are named, the rest goes on")
    func scopes() async throws {
        let world = try World()
        let (failed, stale) = (world.failure(), world.staleWait())
        world.server.withSimulator {
            $0.configuration.keys[0].scopes = [
                "execution:list", "execution:read", "execution:stop", "workflow:list", "workflow:read",
            ]
        }
        try await world.initialise()
        let end = try await world.run("run", "--once")
        #expect(end.code == 0)
        let line = end.err.split(separator: "\n").first { $0.contains("event=action.suspended") }
        #expect(line?.contains("'retry'") == true && line?.contains("execution:retry") == true, "\(end.err)")
        #expect(world.retries(failed).isEmpty)
        #expect(world.server.withSimulator { $0.database[stale]?.status } == .canceled)
        #expect(try await world.run("plan").out.contains("execution:retry"))
        #expect(try await world.run("status").out.contains("retry"))
        try await world.remove()
    }

    @Test("such as a poll that was not whole is no healthy plan: without the list 69, with a part of it 1")
    func partialPlan() async throws {
        let world = try World()
        try await world.initialise()
        world.server.withSimulator {
            $0.configuration.keys[0].scopes = ["execution:read", "execution:retry", "workflow:list"]
        }
        for words in [["plan"], ["run", "--once"]] {
            let end = try await world.run(words)
            #expect(end.code == 69 && (end.err + end.out).contains("execution:list"), "\(words): \(end.out)\(end.err)")
            #expect(!end.out.contains("Nothing is due"))
        }
        try await world.remove()
    }

    @Test("such as an execution or an intent that is not there ends with 1 and says so")
    func notThere() async throws {
        let world = try World()
        try await world.initialise()
        let explained = try await world.run("explain", "4711")
        #expect(explained.code == 1 && explained.err.contains("n8n has no execution 4711"), "\(explained.err)")
        let resolved = try await world.run("resolve", "999", "--ran", "--reason", "seen")
        #expect(resolved.code == 1 && resolved.err.contains("there is no intent 999"), "\(resolved.err)")
        #expect(!resolved.err.contains("init"))
        try await world.remove()
    }

    @Test("such as an execution that vanished: what the ledger knows of it is told, with the time that nobody saw")
    func vanished() async throws {
        let policies = World.policies.replacing("older_than: 2h", with: "older_than: 9h")
        let world = try World(policies: policies)
        let (failed, wait) = (world.failure(), world.staleWait())
        try await world.initialise()
        #expect(try await world.run("run", "--once").code == 0)
        #expect(world.retries(failed).count == 1)
        world.server.withSimulator {
            $0.database.remove(failed)
            $0.database.remove(wait)
        }
        #expect(try await world.run("run", "--once").code == 0)
        let gone = try await world.run("explain", "\(wait)")
        #expect(gone.code == 0 && gone.out.contains("n8n has no such execution"), "\(gone.out)\(gone.err)")
        #expect(gone.out.contains("coverage_gap"), "\(gone.out)")
        #expect(gone.out.contains("It was found missing at "), "\(gone.out)")
        let retried = try await world.run("explain", "\(failed)", "-o", "json")
        #expect(retried.code == 0, "\(retried.err)")
        #expect(retried.out.contains("\"is_shown\" : false"), "\(retried.out)")
        #expect(retried.out.contains("retry-orders"), "\(retried.out)")
        try await world.remove()
    }

    @Test("such as an execution whose data n8n cannot read: it is held and explained, others are acted on")
    func unreadable() async throws {
        let policies = World.policies.replacing("newer_than: 24h", with: "error: {class: transient}")
        let world = try World(policies: policies)
        let (broken, sound) = (world.failure(), world.failure())
        // What the last days speak for is read by `init`, too.
        try await world.initialise()
        world.server.withSimulator {
            // Only with data: n8n still answers the row.
            $0.faults = [.init(.errorBefore, at: [.read], executions: [broken], times: 1)]
        }
        #expect(try await world.run("run", "--once").code == 0)
        #expect(world.retries(broken).isEmpty)
        #expect(world.retries(sound).count == 1)
        world.server.withSimulator {
            $0.faults = [.init(.errorBefore, at: [.read], executions: [broken], times: 1)]
        }
        let explained = try await world.run("explain", "\(broken)")
        #expect(explained.code == 0 && explained.out.contains("Data: "), "\(explained.out)\(explained.err)")
        // Not even its row, by its id: that of the list tells what it can.
        world.server.withSimulator { $0.faults = [.init(.errorBefore, at: [.read], executions: [broken], times: 100)] }
        let fallen = try await world.run("explain", "\(broken)")
        #expect(
            fallen.code == 0 && fallen.out.contains("Data: GET /executions/\(broken)"), "\(fallen.out)\(fallen.err)")
        #expect(fallen.out.contains("?    error.class is transient  [its data cannot be read]"), "\(fallen.out)")
        #expect(
            fallen.out.contains("held as match_unknown"), "what cannot be read is unknown, and makes no policy act"
        )
        let plan = try await world.run("plan", "--all")
        #expect(plan.out.contains("for example \(broken): GET /executions/ID"), "\(plan.out)")
        #expect(plan.out.contains("match_unknown  \(broken) error"), "\(plan.out)")
        let doctor = try await world.run("doctor")
        #expect(
            doctor.out.contains("the data of 1 execution cannot be read, for example \(broken): GET /executions/ID"),
            "\(doctor.out)")
        try await world.remove()
    }

    @Test("of too few files that may be open is said, where the runtime would end the program", arguments: [16, 20])
    func files(limit: Int) async throws {
        let world = try World()
        for words in [["validate"], ["status"], ["plan"], ["run", "--once"], ["simulate", "--port", "0"]] {
            let child = try Child(
                ["/bin/sh", "-c", "ulimit -n \(limit); exec \"$0\" \"$@\"", World.program] + words + [
                    "--config", world.config,
                ],
                environment: ["N8N_API_KEY": World.key])
            let end = await child.end()
            #expect(end.code == 1 && end.err.contains("at most \(limit) files may be open here"), "\(words): \(end)")
        }
        // What may be raised is raised.
        let raised = try await world.run("validate", shell: "ulimit -S -n 16")
        #expect(raised.code == 0, "\(raised.err)")
        try await world.remove()
    }
}
