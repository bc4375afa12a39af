private import CLibCrypto
import MendflowText

/// SHA-256 (FIPS 180-4), by libcrypto.
public enum SHA256 {
    /// The 32 bytes of the digest.
    public static func digest(_ bytes: [UInt8]) -> [UInt8] {
        var digest = [UInt8](repeating: 0, count: 32)
        var count: UInt32 = 0
        // Fails only where libcrypto has no memory or no SHA-256 at all; going on without it would break the chain.
        let done = unsafe EVP_Digest(bytes, bytes.count, &digest, &count, EVP_sha256(), nil)
        precondition(done == 1 && count == 32, "libcrypto has no SHA-256")
        return digest
    }

    /// The digest of a text's UTF-8 in 64 hexadecimal digits, lower case; names versions of policies.
    public static func hex(of text: String) -> String { Hex.text(digest(Array(text.utf8))) }
}
