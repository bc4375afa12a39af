private import CRE2
public import MendflowCore

/// A pattern that RE2 does not accept.
public struct RegularExpressionError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The pattern.
    public var source: String
    /// RE2's words: `missing ): (a`.
    public var reason: String

    /// One sentence.
    public var description: String { "the regular expression is not valid: \(reason)" }
}

/// A compiled regular expression in RE2's syntax, matched in time linear in the text: no look-around, no references back.
///
/// Two are equal if their sources are equal and both care about case, or neither does.
@safe public final class RegularExpression: Sendable, Hashable {
    /// How many bytes of a text are looked at. For the pattern the text ends there: `$` matches at that point.
    public static let inputLimit = 64 << 10

    /// The pattern as it was written.
    public let source: String
    /// Whether `a` and `A` differ.
    public let caseSensitive: Bool
    // Proof of safety: set once, freed by deinit alone, and RE2 objects are immutable and documented as safe for
    // concurrent matching (what they cache lazily is behind their own locks).
    private nonisolated(unsafe) let pattern: OpaquePointer

    /// Compiles a pattern.
    public init(_ source: String, caseSensitive: Bool = true) throws(RegularExpressionError) {
        let compiled = unsafe Array(source.utf8).withUnsafeBytes { bytes in
            let characters = unsafe bytes.assumingMemoryBound(to: CChar.self)
            return unsafe cre2_compile(characters.baseAddress, bytes.count, caseSensitive)
        }
        guard let compiled = unsafe compiled else {
            throw RegularExpressionError(source: source, reason: "no memory to compile it")
        }
        if let error = unsafe cre2_error(compiled) {
            let reason = unsafe String(cString: error)
            unsafe cre2_free(compiled)
            throw RegularExpressionError(source: source, reason: reason)
        }
        self.source = source
        self.caseSensitive = caseSensitive
        unsafe pattern = compiled
    }

    deinit {
        unsafe cre2_free(pattern)
    }

    /// Whether the pattern matches anywhere in the text's first 64 KiB of UTF-8.
    public func matches(_ text: some StringProtocol) -> Bool {
        let found = text.utf8.withContiguousStorageIfAvailable { unsafe matches($0) }
        if let found { return found }
        return unsafe Array(text.utf8.prefix(Self.inputLimit)).withUnsafeBufferPointer { unsafe matches($0) }
    }

    private func matches(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        let shown = unsafe UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(bytes).prefix(Self.inputLimit))
        let characters = unsafe shown.assumingMemoryBound(to: CChar.self)
        return unsafe cre2_matches(pattern, characters.baseAddress, shown.count)
    }

    /// Whether both were written alike.
    public static func == (left: RegularExpression, right: RegularExpression) -> Bool {
        left.source == right.source && left.caseSensitive == right.caseSensitive
    }

    /// Hashes what makes two equal.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(source)
        hasher.combine(caseSensitive)
    }
}

extension RegularExpression: TextPattern {}
