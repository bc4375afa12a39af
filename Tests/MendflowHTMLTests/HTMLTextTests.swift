import MendflowHTML
import Testing

@Suite("Markup")
struct HTMLTextTests {
    static let hostile = "<script>alert('1')</script> & \" onload=\"x"

    @Test("holds texts as texts, in elements and in attributes")
    func texts() {
        let page: HTMLText = "<p title=\"\(Self.hostile)\">\(Self.hostile)</p>"
        let told = "&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt; &amp; &quot; onload=&quot;x"
        #expect(page.markup == "<p title=\"\(told)\">\(told)</p>")
    }

    @Test("takes other markup in as it is, once escaped and never again")
    func nested() {
        let inner: HTMLText = "<b>\("a < b")</b>"
        #expect(("<p>\(inner)</p>" as HTMLText).markup == "<p><b>a &lt; b</b></p>")
        #expect(HTMLText.all([inner, "<hr>"]).markup == "<b>a &lt; b</b>\n<hr>" && (inner + inner).markup.count == 30)
        #expect(("" as HTMLText).isEmpty && !inner.isEmpty)
    }

    @Test("spells out what a browser would not show, or would show otherwise than it is written")
    func hidden() {
        let page: HTMLText = "<p>\("pay\u{202e}gnp.exe\u{200b}\n")</p>"
        #expect(page.markup == "<p>pay\\u{202e}gnp.exe\\u{200b}\\n</p>")
    }
}
