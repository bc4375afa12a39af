/// Finds what was probably meant by a misspelt word.
public enum Spelling {
    /// The candidate that a word is nearest to; nil where none is near, the first where several are equally near.
    ///
    /// Words that differ only in case, `_`, `-` and spaces (`maxRetries`, `max_retries`) are the same. Otherwise one edit
    /// (a letter more, fewer or other, two neighbours swapped) is forgiven for each three letters, three at most.
    public static func nearest(to word: String, among candidates: [String]) -> String? {
        let wanted = letters(of: word)
        guard !wanted.isEmpty, wanted.count <= 64 else { return nil }
        var best: (candidate: String, distance: Int)?
        for candidate in candidates {
            let spelling = letters(of: candidate)
            if spelling == wanted { return candidate }
            let allowed = min(3, max(wanted.count, spelling.count) / 3)
            guard spelling.count <= 64, abs(spelling.count - wanted.count) <= allowed else { continue }
            let distance = distance(wanted, spelling)
            if distance <= allowed, distance < best?.distance ?? .max { best = (candidate, distance) }
        }
        return best?.candidate
    }

    /// The only candidate that begins with a word of two letters or more, in either case; nil where several do.
    public static func begun(by word: String, among candidates: [String]) -> String? {
        guard word.count >= 2 else { return nil }
        let begun = candidates.filter { $0.lowercased().hasPrefix(word.lowercased()) }
        return begun.count == 1 ? begun.first : nil
    }

    private static func letters(of word: String) -> [Unicode.Scalar] {
        word.lowercased().unicodeScalars.filter { $0 != "_" && $0 != "-" && $0 != " " }
    }

    /// How many edits lie between two words (Damerau and Levenshtein, where swapped neighbours are not edited again).
    static func distance(_ left: [Unicode.Scalar], _ right: [Unicode.Scalar]) -> Int {
        var beforeLast: [Int] = []
        var last = Array(0...right.count)
        for (i, a) in left.enumerated() {
            var row = [i + 1]
            for (j, b) in right.enumerated() {
                var cost = min(last[j + 1] + 1, row[j] + 1, last[j] + (a == b ? 0 : 1))
                if i > 0, j > 0, a == right[j - 1], left[i - 1] == b { cost = min(cost, beforeLast[j - 1] + 1) }
                row.append(cost)
            }
            (beforeLast, last) = (last, row)
        }
        return last[right.count]
    }
}
