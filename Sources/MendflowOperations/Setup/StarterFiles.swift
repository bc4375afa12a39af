import MendflowText

/// What `init` writes: everything in dry-run, so that nothing happens before somebody has read it.
enum StarterFiles {
    static func configuration(_ request: Initialise.Request) -> String {
        // What comes from the command line is quoted: JSON's strings are YAML's, whatever stands in them.
        let key =
            request.keyVariable.map { "api_key_env: \(JSONWriter.quoted($0))" }
            ?? "api_key_file: \(JSONWriter.quoted(request.keyFile ?? "n8n.key"))"
        let ledger = request.ledger.map { JSONWriter.quoted($0) } ?? "mendflow.sqlite"
        return """
            # Mendflow. Nothing is sent to n8n until this mode, and that of a policy, is `enforce`.
            # Every key: docs/configuration.md. After a change: mendflow validate.
            mode: dry_run
            # Files, or folders whose *.yaml are read. An agent that runs reads changes by itself.
            policies: [policies/]
            # The memory: what was done, decided and seen. Keep it on a local disk, and back it up.
            ledger: \(ledger)
            poll_interval: 30s
            # What no policy may ever act on, for example: - {workflow: {tag: no-auto-retry}}
            protect: []
            instances:
              - name: \(JSONWriter.quoted(request.name))
                url: \(JSONWriter.quoted(request.url))
                \(key)
                mode: enforce
                # The most that is done here, whatever policies say:
                # limits: {max_in_flight: 3, max_actions: [{amount: 20, per: tick}, {amount: 60, per: 1h}]}
                # Annotation tags by name; n8n's API cannot list them, see docs/operating.md.
                tags: {}
            log: {level: info, format: logfmt}

            """
    }

    static let retryOrderSync = """
        policies:
          - name: retry-order-sync
            description: The order API drops connections at night; the run is idempotent.
            mode: dry_run                     # enforce | dry_run | off
            match:
              status: error
              workflow: Order sync
              error: {class: [transient, rate_limit]}
              newer_than: 24h
            actions:
              - retry:
                  max_retries: 3              # beyond the first run, over the whole chain, people's retries included
                  load_workflow: true         # the workflow as saved now
                  backoff: {initial_interval: 1m, coefficient: 2, max_interval: 1h, jitter: full}
                  repeats: allow              # your word that the run is idempotent

        """

    static let stopOverdueWaiting = """
        policies:
          - name: stop-overdue-waiting
            description: A wait that n8n should have ended two hours ago, and has forgotten.
            mode: dry_run
            # Not `older_than`: a healthy wait may be days old. `overdue` counts from the moment at which it was to go on.
            match: {status: waiting, waiting_for: timer, overdue: {gt: 2h}}
            actions: [stop]

        """

    /// The policy that shows what a retry looks like.
    static let example = (name: "retry-order-sync.yaml", text: retryOrderSync)

    /// The first policies, by their names in the folder `policies`.
    static let policies = [
        example,
        (name: "stop-overdue-waiting.yaml", text: stopOverdueWaiting),
    ]
}
