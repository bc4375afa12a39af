/// The candidate that was probably meant by a misspelt word; nil where none is near.
///
/// Words that differ only in case, `_`, `-` and spaces (`maxRetries`, `max_retries`) are the same. Otherwise one edit
/// (a letter more, fewer or other, two neighbours swapped) is forgiven for each three letters, three at most.
public func nearest(_ word: String, among candidates: [String]) -> String? {
    let wanted = letters(of: word)
    guard !wanted.isEmpty, wanted.count <= 64 else { return nil }
    var best: (candidate: String, distance: Int)?
    for candidate in candidates {
        let spelling = letters(of: candidate)
        if spelling == wanted { return candidate }
        let allowed = min(3, max(wanted.count, spelling.count) / 3)
        guard spelling.count <= 64, abs(spelling.count - wanted.count) <= allowed else { continue }
        let distance = editDistance(wanted, spelling)
        if distance <= allowed, distance < best?.distance ?? .max { best = (candidate, distance) }
    }
    return best?.candidate
}

private func letters(of word: String) -> [Unicode.Scalar] {
    word.lowercased().unicodeScalars.filter { $0 != "_" && $0 != "-" && $0 != " " }
}

/// Damerau and Levenshtein's distance, where swapped neighbours are not edited again.
private func editDistance(_ left: [Unicode.Scalar], _ right: [Unicode.Scalar]) -> Int {
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
