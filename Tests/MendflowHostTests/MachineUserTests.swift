import MendflowEnvironment
import Testing

@testable import MendflowHost

@Suite("Who is on record as having said something")
struct MachineUserTests {
    @Test("is whoever used sudo, else the machine's name for the user, else the number")
    func names() {
        func user(_ variables: [String: String], _ name: String?) -> String {
            Environment.user(variables, id: 7) { $0 == 7 ? name : nil }
        }
        #expect(user(["SUDO_USER": "ada", "USER": "root"], "root") == "ada")
        #expect(user(["SUDO_USER": ""], "root") == "root")
        #expect(user(["USER": "somebody"], "root") == "root", "a variable of the shell is no proof")
        #expect(user([:], nil) == "user 7")
    }

    @Test("has a name for user 0 on a machine, and none for a number that nobody has")
    func machine() {
        #expect(MachineFiles.userName(of: 0) == "root")
        #expect(MachineFiles.userName(of: 4_000_000_001) == nil)
    }
}
