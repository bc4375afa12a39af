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

    @Test("names the configuration in the command where that is not the usual one")
    func configured() {
        var status = FixedWorld.status
        (status.record, status.life, status.trouble) = (nil, .never, "no answer")
        let text = StatusText.render([status], options: " --config /etc/m.yaml").text()
        #expect(text.contains("mendflow init --config /etc/m.yaml\n"), "\(text)")
        #expect(!text.contains("no answer --config"))
    }
}
