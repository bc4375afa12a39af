/// The candidate that `word` most likely was meant to be: few edits away, or begun by it; ties go to the first.
func nearestSpelling(to word: String, among candidates: [String]) -> String? {
    let typed = Array(word.lowercased())
    let allowed = max(1, min(3, typed.count / 3))
    var best: (distance: Int, candidate: String)?
    for candidate in candidates {
        let distance = editDistance(typed, Array(candidate.lowercased()))
        if distance <= allowed, distance < candidate.count, distance < best?.distance ?? .max {
            best = (distance, candidate)
        }
    }
    if let best { return best.candidate }
    guard typed.count >= 2 else { return nil }
    let begun = candidates.filter { $0.lowercased().hasPrefix(word.lowercased()) }
    return begun.count == 1 ? begun.first : nil
}

/// Damerau-Levenshtein distance (optimal string alignment): insertions, deletions, replacements, swaps of neighbours.
func editDistance(_ source: [Character], _ target: [Character]) -> Int {
    guard !source.isEmpty, !target.isEmpty else { return source.count + target.count }
    var beforeLast: [Int] = []
    var last = Array(0...target.count)
    for row in 1...source.count {
        var current = [row]
        for column in 1...target.count {
            let isSame = source[row - 1] == target[column - 1]
            var cost = min(last[column] + 1, current[column - 1] + 1, last[column - 1] + (isSame ? 0 : 1))
            if row > 1, column > 1, source[row - 1] == target[column - 2], source[row - 2] == target[column - 1] {
                cost = min(cost, beforeLast[column - 2] + 1)
            }
            current.append(cost)
        }
        beforeLast = last
        last = current
    }
    return last[target.count]
}
