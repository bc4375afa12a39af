extension ServerTime {
    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    private static let weekdays: Set = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]

    /// Reads HTTP's date (`Sun, 06 Nov 1994 08:49:37 GMT`, RFC 9110 5.6.7) of a year from 1970 to 9999; nil for anything else.
    ///
    /// The weekday is not checked against the date. Only servers tell dates in this form.
    public init?(httpDate text: some StringProtocol) {
        let bytes = Array(text.utf8)
        guard bytes.count == 29,
            ServerTime.weekdays.contains(String(decoding: bytes[..<3], as: UTF8.self)),
            let month = ServerTime.months.firstIndex(of: String(decoding: bytes[8..<11], as: UTF8.self))
        else { return nil }
        var reader = DigitReader(bytes: bytes)
        reader.position = 3
        guard reader.skip(","), reader.skip(" "), let day = reader.number(2), reader.skip(" ") else { return nil }
        reader.position += 3
        guard reader.skip(" "), let year = reader.number(4), reader.skip(" "), let hour = reader.number(2),
            reader.skip(":"), let minute = reader.number(2), reader.skip(":"), let second = reader.number(2),
            bytes[reader.position...].elementsEqual(" GMT".utf8)
        else { return nil }
        guard year >= 1970, (1...CivilDate.days(inMonth: Int64(month) + 1, of: year)).contains(day), hour < 24,
            minute < 60, second <= 60
        else { return nil }
        let days = CivilDate(year: year, month: Int64(month) + 1, day: day).daysSince1970
        let time = ((days * 24 + hour) * 60 + minute) * 60_000 + second * 1000
        guard RFC3339.writable.contains(time) else { return nil }
        self.init(milliseconds: time)
    }
}
