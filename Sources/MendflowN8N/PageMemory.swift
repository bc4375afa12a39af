internal import MendflowCore
import Synchronization

/// The first pages of lists as they were last read, each with the `ETag` that the server gave it. The tag is sent with
/// the next request, and n8n answers 304 without a body if the page has not changed.
///
/// n8n computes the tag from the bytes of the body, so an equal tag means an equal page, with equal statuses and
/// `retrySuccessId`.
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

    /// Makes a memory that keeps at most so many pages, with at most so many bytes of JSON together.
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

    /// Keeps a page instead of the one that was read before. A page without a usable tag is not kept.
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
