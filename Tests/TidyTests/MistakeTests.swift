import FoundationEssentials
import Testing

/// The mistakes that `scripts/mistakes` plants, as its list tells them.
struct PlantedMistakes {
    /// Lines of a file, and what is planted in their place.
    struct Place: Equatable {
        var file: String
        var old = "", new = ""
    }
    var names: [String] = []
    var places: [Place] = []
    /// In which worlds some of them are lived: the first, and every how many.
    var worlds: [String] = []

    init(_ text: String) {
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            let rest = line.dropFirst(2) + "\n"
            switch line.first {
            case "-": places[places.count - 1].old += rest
            case "+": places[places.count - 1].new += rest
            case "#", nil: continue
            case _ where line.hasPrefix("worlds: "): worlds.append(String(line.dropFirst(8)))
            case _ where line.hasPrefix("Sources/"): places.append(Place(file: String(line)))
            default: names.append(String(line.prefix { $0 != ":" }))
            }
        }
    }

    /// The mistakes that the planted lines ask for.
    var planted: Set<String> {
        let asked = places.flatMap { $0.new.split(separator: "planted(\"").dropFirst() }
        return Set(asked.map { String($0.prefix { $0 != "\"" }) })
    }

    /// How often lines stand in a text, as whole lines.
    static func count(_ lines: String, in text: String) -> Int {
        var (found, rest) = (0, ("\n" + text)[...])
        while let place = rest.firstRange(of: "\n" + lines) {
            found += 1
            // The end of the last line is the beginning of the next.
            rest = rest[rest.index(before: place.upperBound)...]
        }
        return found
    }
}

/// A list of changes to the sources rots with every change to them.
@Suite("The list of planted mistakes")
struct MistakeTests {
    static func list() throws -> PlantedMistakes {
        try PlantedMistakes(
            String(contentsOfFile: RepositoryTests.root + "/Tests/Mistakes/mistakes.txt", encoding: .utf8))
    }

    @Test("is read by its marks")
    func reads() {
        let list = PlantedMistakes(
            """
            # Why.
            one: It goes wrong.
            worlds: 601 every 5
            Sources/A.swift
            -     a
            -     b
            +     planted("one") ? b : a

            two: It too.
            Sources/B.swift
            - c
            + if planted("two"), !planted("three") {}
            """)
        #expect(list.names == ["one", "two"])
        #expect(list.worlds == ["601 every 5"])
        #expect(list.places.map(\.file) == ["Sources/A.swift", "Sources/B.swift"])
        #expect(list.places[0].old == "    a\n    b\n")
        #expect(list.planted == ["one", "two", "three"])
    }

    @Test("finds whole lines, each time they stand there")
    func counts() {
        #expect(PlantedMistakes.count("a\n", in: "a\nba\na\na\n") == 3)
        #expect(PlantedMistakes.count("a\nb\n", in: "a\nbb\n") == 0)
    }

    @Test("has at least forty, each with a name of its own that is asked for somewhere, and asks for no other")
    func names() throws {
        let list = try MistakeTests.list()
        #expect(list.names.count >= 40)
        #expect(Set(list.names).count == list.names.count)
        #expect(list.planted.symmetricDifference(list.names).sorted() == [])
    }

    @Test("lives each within the first thousand worlds, or in the one that is known to bring it about")
    func worlds() throws {
        for worlds in try MistakeTests.list().worlds {
            let numbers = worlds.split(separator: " every ").compactMap { Int($0) }
            #expect(numbers.count == 2, "\(worlds)")
            guard numbers.count == 2, numbers[1] != 1000 else { continue }
            #expect((1...900).contains(numbers[0]) && (1...20).contains(numbers[1]), "\(worlds)")
        }
    }

    @Test("fits the sources: what it changes stands there exactly once")
    func fits() throws {
        let texts = Dictionary(uniqueKeysWithValues: RepositoryTests.sources.map { ($0.path, $0.lines) })
            .mapValues { $0.joined(separator: "\n") }
        for place in try MistakeTests.list().places {
            let text = try #require(texts[place.file], "\(place.file) is not here")
            #expect(
                PlantedMistakes.count(place.old, in: text) == 1, "not exactly once in \(place.file):\n\(place.old)")
        }
    }
}
