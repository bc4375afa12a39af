import MendflowText
import Testing

@Suite("Words by which secrets are recognised")
struct SecretWordTests {
    @Test(
        "name a secret whatever separates them and whatever case they are in",
        arguments: [
            "api_key", "apiKey", "API-KEY", "key", "token", "api_token", "secret", "Password", "n8n_api_key",
            "N8N_API_KEY", "Authorization", "cookie", "jwt",
        ])
    func names(name: String) {
        #expect(SecretWords.isName(name))
    }

    @Test(
        "are not found in names of other things",
        arguments: ["api_key_env", "api_key_file", "name", "url", "monkey", "token_count", "headers", "policies", ""])
    func others(name: String) {
        #expect(!SecretWords.isName(name))
    }
}
