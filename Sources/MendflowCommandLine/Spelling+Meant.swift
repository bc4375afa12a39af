import MendflowText

extension Spelling {
    /// The candidate that a word was probably meant to be: one that is spelt nearly so, or the only one that it begins.
    static func meant(by word: String, among candidates: [String]) -> String? {
        nearest(to: word, among: candidates) ?? begun(by: word, among: candidates)
    }
}
