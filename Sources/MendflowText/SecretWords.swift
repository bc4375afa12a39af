/// The words by which secrets are recognised: in texts of n8n, in configuration files and in what is shown of them.
///
/// Names are in small letters without separators: `X-Api_Key` is `xapikey`.
public enum SecretWords {
    /// Names of secrets, within longer names too: `client_secret`.
    public static let parts = [
        "password", "passwd", "passphrase", "secret", "apikey", "accesskey", "privatekey", "encryptionkey",
        "signature",
    ]
    /// Names of secrets at the end of longer names: `access_token`, but not `token_count`.
    public static let lastParts = ["token"]
    /// Names of secrets that mean something else within a longer name.
    public static let whole = ["pwd", "sig", "sessionid", "jwt"]
    /// Header fields, the whole value of which is secret; other names may end so.
    public static let headers = ["authorization", "cookie"]
    /// Words in a header in front of the secret itself.
    public static let schemes = ["bearer", "basic"]
    /// Words in front of `key` that make it the name of a secret.
    public static let keyQualifiers = [
        "api", "access", "secret", "private", "encryption", "signing", "account", "subscription",
    ]

    /// How an API key of n8n begins.
    public static let apiKeyPrefixes = ["eyJ", "n8n_api_"]
    /// How tokens of services begin, if enough letters or digits follow.
    public static let tokenPrefixes = [
        "n8n_api_", "sk-", "sk_live_", "sk_test_", "rk_live_", "rk_test_", "pk_live_", "pk_test_", "whsec_", "ghp_",
        "gho_", "ghs_", "ghu_", "github_pat_", "glpat-", "xoxb-", "xoxp-", "xoxa-", "xoxe-", "xapp-", "AKIA", "ASIA",
        "AIza", "hf_", "ntn_", "shpat_", "shpss_", "shpca_", "shppa_", "npm_", "dckr_pat_",
    ]

    /// Whether a name is that of a secret, with or without n8n's name or that of an API before it.
    public static func isName(_ name: String) -> Bool {
        guard name.utf8.count <= 30 else { return false }
        return names.contains(letters(of: name))
    }

    /// Whether the name of a secret stands anywhere in a line.
    public static func isNamed(in line: String) -> Bool {
        let letters = letters(of: line)
        return (parts + lastParts + headers).contains { letters.contains($0) }
    }

    private static let names: Set<String> = {
        let bare = ["key"] + parts + lastParts + whole + headers
        let known = bare + bare.map { "api" + $0 }
        return Set(["", "nn"].flatMap { before in known.map { before + $0 } })
    }()

    /// The ASCII letters of a text, in small ones.
    private static func letters(of text: String) -> String {
        String(decoding: text.utf8.map { $0 | 0x20 }.filter { (97...122).contains($0) }, as: UTF8.self)
    }
}
