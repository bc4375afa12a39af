public import MendflowCore

extension Configuration {
    /// A way to tell people of things, as an entry of `notify` says.
    public struct Channel: Sendable, Hashable {
        /// What the ledger remembers it by.
        public var name: String
        /// Where messages go.
        public var destination: Destination
        /// Which things are told; all of them where it does not say.
        public var events: Set<NoticeEvent> = Set(NoticeEvent.allCases)
        /// The least weight of what is told.
        public var minLevel = NoticeLevel.warning
        /// Whether that is told too which would have been in dry-run.
        public var tellsDryRun = false
        /// More notices than these that wait at once are put into one message.
        public var digestAbove = 5
        /// How long a message is tried before it is given up.
        public var giveUpAfter = Period.days(3)
        /// What the line and the text of a message look like; nil for our own.
        public var subject: NoticeTemplate?, text: NoticeTemplate?

        /// Makes a channel for everything of the weight of a warning.
        public init(name: String, destination: Destination) {
            self.name = name
            self.destination = destination
        }

        /// Whether a notice is for it.
        public func wants(_ notice: Notice) -> Bool {
            events.contains(notice.event) && notice.level >= minLevel && (tellsDryRun || !notice.isDryRun)
        }
    }

    /// Where messages go.
    public enum Destination: Sendable, Hashable {
        /// A server that takes them by POST.
        case webhook(Webhook)
        /// A server that takes mail.
        case email(Mail)
        /// A program of the machine.
        case command(Command)

        /// What it is called in the file.
        public var kind: String {
            switch self {
            case .webhook: "webhook"
            case .email: "email"
            case .command: "command"
            }
        }
    }

    /// A text that may stand in the file, or where it stands.
    public enum Text: Sendable, Hashable {
        /// In the file.
        case plain(String)
        /// Elsewhere, since it is a secret.
        case secret(Secret)
    }

    /// A server that takes messages by POST.
    public struct Webhook: Sendable, Hashable {
        /// How a message is written.
        public enum Format: String, Sendable, Hashable, CaseIterable {
            /// Everything that is known, for programs.
            case json
            /// As Slack takes it, and what is compatible with it.
            case slack
        }
        /// Its address.
        public var url: Text
        /// How a message is written.
        public var format = Format.json
        /// Further header fields.
        public var headers: [Header] = []
        /// A file with certificates of a private authority.
        public var caFile: String?
        /// Whether the proxies that the environment names are used.
        public var usesProxy = false
    }

    /// A server that takes mail.
    public struct Mail: Sendable, Hashable {
        /// How the connection is encrypted.
        public enum Encryption: String, Sendable, Hashable, CaseIterable {
            /// From the first byte, or after STARTTLS; never without.
            case starttls, tls
            /// Not at all.
            case none
        }
        /// Its host and port, and how the connection is encrypted.
        public var host: String, port: Int, encryption: Encryption
        /// Who sends, and who gets it.
        public var from: String, to: [String]
        /// Who signs in; nobody where there is none.
        public var user: Text?, password: Secret?
        /// A file with certificates of a private authority.
        public var caFile: String?
    }

    /// A program of the machine, which gets a message as JSON on its standard input.
    public struct Command: Sendable, Hashable {
        /// Its path and its arguments; no shell reads them.
        public var words: [String]
        /// After how long it is ended.
        public var timeout = Period.seconds(10)

        /// Makes a command of its words; the first is the program.
        public init(words: [String]) { self.words = words }
    }
}
