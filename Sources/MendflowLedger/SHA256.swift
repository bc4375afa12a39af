private import CLibCrypto
import MendflowText

/// SHA-256 (FIPS 180-4), by libcrypto.
public enum SHA256 {
    /// The 32 bytes of the digest.
    public static func digest(_ bytes: [UInt8]) -> [UInt8] { digest(bytes, []) }

    /// The digest of two pieces, one behind the other.
    public static func digest(_ first: [UInt8], _ second: [UInt8]) -> [UInt8] {
        unsafe [UInt8](unsafeUninitializedCapacity: 32) { digest, count in
            // Fails only where libcrypto has no SHA-256 at all; going on without it would break the chain.
            let done = unsafe mendflow_sha256(first, first.count, second, second.count, digest.baseAddress)
            precondition(done == 1, "libcrypto has no SHA-256")
            count = 32
        }
    }

    /// The digest of a text's UTF-8 in 64 hexadecimal digits, lower case; names versions of policies.
    public static func hex(of text: String) -> String { Hex.text(digest(Array(text.utf8))) }

    /// The digest of pieces that come one after the other.
    package struct Stream {
        private var state = SHA256_CTX()

        /// Begins with nothing.
        package init() { check(unsafe mendflow_sha256_begin(&state)) }

        /// Takes the next piece.
        package mutating func add(_ bytes: UnsafeRawBufferPointer) {
            check(unsafe mendflow_sha256_add(&state, bytes.baseAddress, bytes.count))
        }

        /// Takes the next piece.
        package mutating func add(_ bytes: [UInt8]) { unsafe bytes.withUnsafeBytes { unsafe add($0) } }

        /// The digest of all of them; nothing may be taken in behind it.
        package mutating func finish() -> [UInt8] {
            unsafe [UInt8](unsafeUninitializedCapacity: 32) { digest, count in
                check(unsafe mendflow_sha256_end(&state, digest.baseAddress))
                count = 32
            }
        }

        private func check(_ done: CInt) { precondition(done == 1, "libcrypto has no SHA-256") }
    }
}
