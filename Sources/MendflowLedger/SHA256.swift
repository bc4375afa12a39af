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
}
