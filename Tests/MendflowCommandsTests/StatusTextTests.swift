import MendflowCore
import MendflowOperations
import MendflowText
import Testing

@testable import MendflowCommands

@Suite("What status says is to be done")
struct StatusTextTests {
    @Test("names the instance in the command where there are several", arguments: [false, true])
    func named(isOneOfSeveral: Bool) {
        var status = FixedWorld.status
        (status.instance, status.isOneOfSeveral, status.life) = ("staging", isOneOfSeveral, .never)
        let named = isOneOfSeveral ? " -i staging" : ""
        let alarmed = StatusText.render([status]).text()
        #expect(alarmed.contains("mendflow instance adopt\(named)\n"), "\(alarmed)")
        status.record = nil
        let new = StatusText.render([status]).text()
        #expect(new.contains("set it up: mendflow init\(isOneOfSeveral ? " --name staging" : "")\n"), "\(new)")
    }
}
