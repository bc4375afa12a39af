import CLibCrypto
import Testing

@Suite("The libcrypto binding")
struct LibCryptoBindingTests {
    @Test("computes SHA-256 of 'abc' as FIPS 180-4 gives it")
    func sha256() {
        var digest = [UInt8](repeating: 0, count: 32)
        var count: UInt32 = 0
        #expect(EVP_Digest(Array("abc".utf8), 3, &digest, &count, EVP_sha256(), nil) == 1)
        #expect(count == 32)
        #expect(digest.prefix(4) == [0xba, 0x78, 0x16, 0xbf])
    }
}
