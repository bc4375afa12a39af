import MendflowText
import Testing

@Suite("Bytes in Base64")
struct Base64Tests {
    // RFC 4648, section 10.
    @Test(
        "are written filled up, and read without that",
        arguments: [
            ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"), ("\u{FB}\u{FF}", "w7vDvw=="),
        ])
    func round(text: String, written: String) {
        #expect(Base64.text(Array(text.utf8)) == written)
        let digits = written.replacing("=", with: "")
        #expect(String(decoding: Base64.digits(of: Array(text.utf8)), as: UTF8.self) == digits)
        #expect(Base64.bytes(digits) == Array(text.utf8))
    }

    @Test("are read in both alphabets, and not where anything else stands among the digits")
    func alphabets() {
        #expect(Base64.bytes("-_-_") == Base64.bytes("+/+/") && Base64.bytes("+/+/") == [0xFB, 0xFF, 0xBF])
        #expect(Base64.bytes("Zg==") == nil && Base64.bytes("Zm 9") == nil)
    }
}
