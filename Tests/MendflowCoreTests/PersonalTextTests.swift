import MendflowCore
import Testing

@Suite("What stands for a person in a text")
struct PersonalTextTests {
    @Test(
        "is masked, and the words that tell what went wrong stay",
        arguments: [
            ("user jane.doe@example.com is unknown", "user (address) is unknown"),
            ("no mailbox <jane@mail.example.org>", "no mailbox <(address)>"),
            ("contact \"Jane Doe\" was not found", "contact \"(value)\" was not found"),
            ("contact 'Jane' was not found", "contact '(value)' was not found"),
            ("call +49 170 1234567 failed", "call +49 170 (number) failed"),
            ("order 12345 is gone", "order 12345 is gone"), ("order 20261104 is gone", "order (number) is gone"),
            (
                "GET https://crm.example.com/people/jane?mail=j%40x failed",
                "GET https://crm.example.com/... failed"
            ),
            ("https://crm.example.com is down", "https://crm.example.com is down"),
            ("connect ECONNREFUSED db-prod:5432", "connect ECONNREFUSED db-prod:5432"),
            ("column 'user_id' does not exist, didn't work", "column 'user_id' does not exist, didn't work"),
            ("Unexpected token '<', \"<!DOCTYPE\" is not JSON", "Unexpected token '<', \"<!DOCTYPE\" is not JSON"),
            ("at 2026-11-04T10:00:00.000Z it ended", "at 2026-11-04T10:00:00.000Z it ended"),
            ("Key (email)=(jane@example.com) exists\nagain", "Key (email)=((address)) exists\nagain"),
            ("key 'jane@example.com' exists", "key '(address)' exists"), ("", ""), ("'", "'"),
        ])
    func masked(text: String, expected: String) {
        #expect(PersonalText.masked(text) == expected)
    }

    @Test("is masked in what we quote, and not all of that")
    func quoted() {
        let found = #"messages[0] "401 - "{\"ok\": false, \"error\": \"Jane left\"}" of jane@example.com""#
        let masked = #"messages[0] "401 - "{\"ok\": false, \"error\": \"(value)"}" of (address)""#
        #expect(PersonalText.masked(quotedIn: found) == masked)
        #expect(PersonalText.masked(quotedIn: "the code 503") == "the code 503")
    }
}
