/// The words by which secrets are recognised: in texts of n8n, in configuration files and in what is shown of them.
///
/// Names are in small letters without separators: `X-Api_Key` is `xapikey`.
public enum SecretWords {
    /// Names of secrets, within longer names too: `client_secret`.
    public static let parts = [
        "password", "passwd", "passphrase", "passcode", "passwort", "kennwort", "motdepasse", "contrasena",
        "wachtwoord", "secret", "apikey", "accesskey", "privatekey", "encryptionkey", "signature", "accountkey",
        "sharedkey", "masterkey", "signingkey", "servicekey", "storagekey", "authkey", "sessionkey", "clientkey",
        "consumerkey", "licensekey", "applicationkey", "writekey", "adminkey", "subscriptionkey", "functionskey",
        "integrationkey", "routingkey", "ingestkey", "deploykey", "sshkey", "hmackey",
    ]
    /// Names of secrets at the end of longer names: `access_token`, but not `token_count`.
    public static let lastParts = [
        "token", "sessionid", "sessid", "dbpass", "pgpass", "mysqlpass", "redispass", "smtppass", "imappass", "ftppass",
        "mailpass", "userpass", "rootpass", "adminpass", "ldappass", "mqttpass", "proxypass", "dbpwd", "mysqlpwd",
        "rediscloudpwd", "userpwd", "adminpwd", "bindpw", "dbpw", "userpw", "rootpw", "adminpw", "ldappw",
    ]
    /// Names of secrets that mean something else within a longer name.
    public static let whole = ["pwd", "sig", "jwt", "otp", "totp", "mfacode", "senha"]
    /// Names that are ordinary words too, with how many bytes a value has at least that is a secret; it holds letters and
    /// digits.
    public static let weak = [
        ("sid", 8), ("response", 24), ("pass", 6), ("pw", 6), ("cred", 8), ("credential", 12), ("credentials", 12),
        ("codeverifier", 16), ("assertion", 24), ("samlresponse", 24), ("ticket", 24), ("nonce", 24), ("hmac", 24),
        ("csrf", 16), ("xsrf", 16),
    ]
    /// The name of a code that is exchanged for a token, and of many codes that are none.
    public static let code = "code"
    /// Names of what is public and looks like a secret: words before 64 hexadecimal digits.
    public static let digestNames: Set<String> = [
        "sha256", "sha2", "sha", "digest", "hash", "checksum", "commit", "etag", "image", "revision", "tree", "head",
        "fingerprint", "tx", "txid", "txhash", "transaction", "block", "integrity", "sum", "previous", "contenthash",
    ]
    /// Options of commands behind which a user and a password stand: `curl -u me:secret`.
    public static let userOptions: Set<String> = ["-u", "-U", "--user", "--proxy-user", "--userpwd"]
    /// Words with which a sentence about an option goes on.
    public static let verbs: Set<String> = [
        "is", "was", "needs", "requires", "must", "and", "or", "not", "option", "to", "for", "in", "has", "given",
        "takes",
        "missing", "expects", "cannot",
    ]
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
