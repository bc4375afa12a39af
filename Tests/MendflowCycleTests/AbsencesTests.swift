import MendflowCore
import Testing

@testable import MendflowCycle

@Suite("Ids that brought no row")
struct AbsencesTests {
    private let noon = ServerTime(milliseconds: 1_793_620_800_000)

    @Test("a 404 of an id that was just given is believed when it is repeated a minute later")
    func young() {
        var absences = Absences()
        absences.noteHeight(100, at: noon)
        let isMissing = absences.isMissing(99, at: noon)
        #expect(!isMissing, "100 may be there before 99, which is still being written")
        #expect(!absences.mayProbe(99, at: noon + .seconds(59)) && absences.mayProbe(99, at: noon + .seconds(60)))
        let isMissingNow = absences.isMissing(99, at: noon + .seconds(60))
        #expect(isMissingNow)
    }

    @Test("a 404 of an id below what was known a minute ago is believed at once")
    func old() {
        var absences = Absences()
        absences.noteHeight(100, at: noon)
        absences.noteHeight(200, at: noon + .seconds(50))
        let isMissing = [99, 150].map { absences.isMissing($0, at: noon + .seconds(61)) }
        #expect(isMissing == [true, false])
    }

    @Test("a row that cannot be read is left alone for 5 minutes, then 10, up to 160")
    func unreadable() {
        var absences = Absences()
        var now = noon
        for minutes in [5, 10, 20, 40, 80, 160, 160] as [Int64] {
            absences.noteUnreadable("7", at: now)
            #expect(!absences.mayAsk(for: "7", at: now + .minutes(minutes) - .milliseconds(1)))
            now = now + .minutes(minutes)
            #expect(absences.mayAsk(for: "7", at: now))
        }
    }
}
