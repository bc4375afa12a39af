import MendflowCore
import Testing

@Suite("Chains of retries")
struct ChainTests {
    private func chain(
        _ rows: [(ExecutionID, ExecutionStatus, ExecutionID?)], of id: ExecutionID,
        known: [ExecutionID: Set<ExecutionID>] = [:]
    ) -> Chain {
        let executions = rows.map {
            Execution(id: $0.0, workflow: "w", status: $0.1, mode: $0.2 == nil ? "webhook" : .retry, retryOf: $0.2)
        }
        return Chains(rows: ExecutionTable(executions), LedgerView(children: known)).chain(of: id)
    }

    @Test("a run that nobody retried is a chain of itself")
    func single() {
        let chain = chain([("1", .error, nil)], of: "1")
        #expect(chain.root == "1" && chain.childrenSeen == 0 && chain.newestLeaf?.id == "1")
    }

    @Test("a retry of a retry belongs to the chain of the first run, across a digit more")
    func retryOfRetry() {
        let rows: [(ExecutionID, ExecutionStatus, ExecutionID?)] = [
            ("9", .error, nil), ("10", .error, "9"), ("100", .error, "10"),
        ]
        for id: ExecutionID in ["9", "10", "100"] {
            let chain = chain(rows, of: id)
            #expect(chain.root == "9" && chain.nodes.map(\.id) == ["9", "10", "100"])
            #expect(chain.childrenSeen == 2 && chain.newestLeaf?.id == "100")
        }
    }

    @Test("a success that ran no node is no part of the chain: it heals nothing and is no try")
    func ranNothing() {
        let rows = ExecutionTable([
            Execution(id: "1", workflow: "w", status: .canceled, mode: "webhook", retrySuccess: "2"),
            Execution(id: "2", workflow: "w", status: .success, mode: .retry, retryOf: "1"),
        ])
        #expect(Chains(rows: rows, LedgerView()).chain(of: "1").hasSuccess)
        var view = LedgerView(children: ["1": ["2"]])
        view.apply(Latch(.ranNothing, "2", at: noon))
        let chain = Chains(rows: rows, view).chain(of: "1")
        #expect(!chain.hasSuccess && chain.childrenSeen == 0 && chain.newestLeaf?.id == "1")
    }

    @Test("a retry that n8n names as a success and calls an error itself heals nothing")
    func namedError() {
        let named = Execution(id: "1", workflow: "w", status: .canceled, mode: "webhook", retrySuccess: "2")
        let child = Execution(id: "2", workflow: "w", status: .error, mode: .retry, retryOf: "1")
        #expect(!Chains(rows: ExecutionTable([named, child]), LedgerView()).chain(of: "1").hasSuccess)
        #expect(
            Chains(rows: ExecutionTable([named]), LedgerView()).chain(of: "1").hasSuccess, "its row may not be kept")
        var view = LedgerView()
        view.apply(Latch(.outcomeUnknown, "2", at: noon))
        #expect(!Chains(rows: ExecutionTable([named]), view).chain(of: "1").hasSuccess, "it was kept, and is gone")
    }

    @Test("branches are one tree; the newest leaf speaks, a live branch holds it")
    func branches() {
        let chain = chain(
            [("1", .error, nil), ("2", .error, "1"), ("3", .running, "1"), ("4", .error, "2")], of: "1")
        #expect(chain.newestLeaf?.id == "4" && chain.live.map(\.id) == ["3"] && chain.childrenSeen == 3)
    }

    @Test("a child that the ledger knows counts though its row is gone, and hides what became of it")
    func goneChild() {
        let chain = chain([("1", .error, nil)], of: "1", known: ["1": ["2"]])
        #expect(chain.childrenSeen == 1 && chain.newestLeaf?.id == "2" && chain.newestLeaf?.row == nil)
        #expect(chain.hasHiddenLeaf)
    }

    @Test("a child that only n8n's answer to our retry named belongs to the chain")
    func answeredChild() {
        var world = World()
        world.add("1")
        world.intend(.retry, "1", .applied, child: "2")
        let chain = Chains(world.snapshot, world.view).chain(of: "2")
        #expect(chain.root == "1" && chain.nodes.map(\.id) == ["1", "2"] && chain.newestLeaf?.row == nil)
    }

    @Test("a pruned root keeps its place")
    func prunedRoot() {
        let chain = chain([("5", .error, "1"), ("6", .error, "5")], of: "6")
        #expect(chain.root == "1" && chain.rootRow == nil && chain.childrenSeen == 2)
    }

    @Test("ids that cannot be (a child older than its parent, a run that retries itself) make no cycle")
    func impossible() {
        let chain = chain(
            [("1", .error, "2"), ("2", .error, "1"), ("3", .error, "3")], of: "1", known: ["3": ["2", "3"]])
        #expect(chain.root == "1" && chain.nodes.map(\.id) == ["1", "2"])
        #expect(self.chain([("3", .error, "3")], of: "3").root == "3")
    }

    @Test("a status that nobody knows may be live")
    func unrecognised() {
        let chain = chain([("1", .error, nil), ("2", .unrecognised, "1"), ("3", .error, "1")], of: "1")
        #expect(chain.live.map(\.id) == ["2"])
    }

    @Test("a chain first failed when its root ended")
    func firstFailure() {
        var world = World()
        world.add("1", ago: .hours(5))
        world.add("2", retryOf: "1", ago: .hours(1))
        #expect(world.subject("2").chain.firstFailure == noon - .hours(5))
    }
}
