import MendflowText

/// Lines of a configuration file in which a secret may stand itself.
enum SecretLines {
    /// Whether a key, a password in an address or a header's secret may stand in the file itself: then no line of it is
    /// shown, not even where the YAML is broken and nobody can tell what the line means.
    static func mayBe(in file: [UInt8]) -> Bool {
        file.split(separator: UInt8(ascii: "\n")).contains { line in
            let line = line.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }
            let named = line.without("api_key_env").without("api_key_file")
            if named.holds("api_key") || (line.holds("://") && line.holds("@")) { return true }
            return !line.holds("env:") && !line.holds("file:") && SecretWords.isNamed(in: named)
        }
    }
}

extension [UInt8] {
    fileprivate func holds(_ word: String) -> Bool { place(of: word, from: 0) != nil }

    fileprivate func without(_ word: String) -> [UInt8] {
        guard var found = place(of: word, from: 0) else { return self }
        var rest: [UInt8] = []
        var start = 0
        while true {
            rest += self[start..<found]
            start = found + word.utf8.count
            guard let next = place(of: word, from: start) else { return rest + self[start...] }
            found = next
        }
    }

    private func place(of word: String, from start: Int) -> Int? {
        let first = word.utf8.first
        return self[start...].indices.first { self[$0] == first && self[$0...].starts(with: word.utf8) }
    }
}
