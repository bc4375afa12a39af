package import MendflowText

extension Spelling {
    /// The candidate that a word was probably meant to be: one that is spelt nearly so, the only one that it begins, or the other
    /// number of it.
    package static func meant(by word: String, among candidates: [String]) -> String? {
        nearest(to: word, among: candidates) ?? begun(by: word, among: candidates)
            ?? candidates.first { stem(of: $0) == stem(of: word) }
    }

    /// A word without what tells one from many: `polic` of `policy` and `policies`.
    private static func stem(of word: String) -> Substring {
        for end in ["ies", "y", "s"] where word.count > end.count + 2 && word.hasSuffix(end) {
            return word.dropLast(end.count)
        }
        return word[...]
    }
}
