/// A history that cannot be read; the text names the place and says what is wrong.
package struct HistoryFault: Error, Sendable, Hashable, CustomStringConvertible {
    /// What is wrong, and where.
    package var description: String
    /// What kind of fault it is.
    package enum Kind: Sendable, Hashable {
        /// Something about files.
        case files
        /// n8n could not be asked.
        case server
        /// Another export writes into the folder.
        case held
        /// The folder holds executions of another server, or of another database.
        case otherServer
    }
    /// What kind it is.
    package var kind = Kind.files
    /// What is damaged, where the rest can be read without it.
    var damage: HistoryFinding?
}
