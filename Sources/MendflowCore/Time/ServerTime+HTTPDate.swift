extension ServerTime {
    /// Reads HTTP's date (`Sun, 06 Nov 1994 08:49:37 GMT`, RFC 9110 5.6.7); nil for anything else.
    ///
    /// The weekday is not checked against the date. Only servers tell dates in this form.
    public init?(httpDate text: some StringProtocol) {
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        let words = text.split(separator: " ")
        guard words.count == 6, words[0].hasSuffix(","), words[5] == "GMT", words[1].utf8.count == 2,
            let day = Int64(words[1]), let month = months.firstIndex(of: String(words[2])),
            words[3].utf8.count == 4, let year = Int64(words[3]),
            (1...CivilDate.days(inMonth: Int64(month) + 1, of: year)).contains(day)
        else { return nil }
        let clock = words[4].split(separator: ":", omittingEmptySubsequences: false).map { Int64($0) }
        guard clock.count == 3, let hour = clock[0], let minute = clock[1], let second = clock[2],
            (0..<24).contains(hour), (0..<60).contains(minute), (0...60).contains(second)
        else { return nil }
        let days = CivilDate(year: year, month: Int64(month) + 1, day: day).daysSince1970
        self.init(milliseconds: ((days * 24 + hour) * 60 + minute) * 60_000 + second * 1000)
    }
}
