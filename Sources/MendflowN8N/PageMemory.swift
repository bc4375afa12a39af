internal import MendflowCore
import Synchronization

/// First pages of lists as they were last read, each with the server's tag, so that a page that has not changed since need
/// not be sent again.
///
/// n8n makes the tag of the body's bytes, so an equal tag is an equal page: rows, statuses and `retrySuccessId` included.
final class PageMemory: Sendable {
    private struct Entry {
        let tag: String
        let page: ExecutionPage
        var lastUse: Int
    }

    private struct State {
        var entries: [String: Entry] = [:]
        var uses = 0
    }

    private let maxEntries: Int
    private let maxBytes: Int
    private let state = Mutex(State())

    /// A memory of so many pages, together so many bytes of JSON.
    init(maxEntries: Int = 16, maxBytes: Int = 2 << 20) {
        self.maxEntries = maxEntries
        self.maxBytes = maxBytes
    }

    /// The page that was last read from a URL, and its tag.
    func page(of url: String) -> (tag: String, page: ExecutionPage)? {
        state.withLock { state in
            guard let entry = state.entries[url] else { return nil }
            state.uses += 1
            state.entries[url]?.lastUse = state.uses
            return (entry.tag, entry.page)
        }
    }

    /// Keeps a page in place of the one before; without a usable tag there is nothing to keep.
    func keep(_ page: ExecutionPage, tag: String?, of url: String) {
        state.withLock { state in
            state.entries[url] = nil
            guard let tag, !tag.isEmpty, tag.utf8.count <= 256, N8NConnection.isFieldValue(tag),
                page.bytes <= maxBytes
            else { return }
            state.uses += 1
            state.entries[url] = Entry(tag: tag, page: page, lastUse: state.uses)
            while state.entries.count > maxEntries || state.entries.values.reduce(0, { $0 + $1.page.bytes }) > maxBytes,
                let oldest = state.entries.min(by: { $0.value.lastUse < $1.value.lastUse })
            {
                state.entries[oldest.key] = nil
            }
        }
    }

    /// The number of pages kept.
    var count: Int { state.withLock { $0.entries.count } }
}
