package import MendflowCore

/// The rows of a history; each is made when it is looked at.
package struct HistoryRows: RandomAccessCollection, Sendable {
    let columns: HistoryColumns

    package var startIndex: Int { 0 }
    package var endIndex: Int { columns.count }
    package subscript(place: Int) -> Execution { columns.row(place) }
}
