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
        "integrationkey", "routingkey", "ingestkey", "deploykey", "sshkey", "hmackey", "projectkey", "serverkey",
        "webhookkey", "restkey", "cryptkey", "jwtkey", "recoverycode", "backupcode", "verificationcode", "onetimecode",
        "activationcode", "resetcode", "authcode", "securitycode", "pairingcode", "zugangscode", "contrasenya",
    ]
    /// Names of secrets at the end of longer names: `access_token`, but not `token_count`.
    public static let lastParts = [
        "token", "sessionid", "sessid", "dbpass", "pgpass", "mysqlpass", "redispass", "smtppass", "imappass", "ftppass",
        "mailpass", "userpass", "rootpass", "adminpass", "ldappass", "mqttpass", "proxypass", "dbpwd", "mysqlpwd",
        "rediscloudpwd", "userpwd", "adminpwd", "bindpw", "dbpw", "userpw", "rootpw", "adminpw", "ldappw",
        "storepass", "keypass", "httppass", "vncpass", "wifipass", "wpapsk", "presharedkey",
    ]
    /// Names of secrets that mean something else within a longer name.
    public static let whole = [
        "pwd", "sig", "jwt", "otp", "totp", "mfacode", "senha", "cvv", "cvc", "pincode", "privatemac", "heslo", "haslo",
        "salasana", "losenord", "passord", "adgangskode",
        "jelszo", "parola", "sifre", "parool", "oauth2bearer", "psk", "clave", "requirepass", "masterauth",
        "converttosecurestring",
    ]
    /// Names that are ordinary words too, with how many bytes a value has at least that is a secret; it holds letters and
    /// digits.
    public static let weak = [
        ("sid", 8), ("response", 24), ("pass", 6), ("pw", 6), ("cred", 8), ("credential", 12), ("credentials", 12),
        ("codeverifier", 16), ("assertion", 24), ("samlresponse", 24), ("ticket", 24), ("clientassertion", 24),
        ("sign", 24), ("appid", 32), ("nonce", 24), ("hmac", 24),
        ("csrf", 16), ("xsrf", 16), ("creds", 8), ("pat", 16), ("pin", 6), ("license", 16),
        ("sapisid", 16), ("hsid", 12), ("remember", 16), ("rememberme", 16),
    ]
    /// The same at the end of longer names: `laravel_session`.
    public static let weakLast = (name: "session", least: 20)
    /// Words in front of `code` that make it one that lets in.
    public static let codeQualifiers: Set<String> = [
        "verification", "security", "recovery", "backup", "activation", "authentication", "confirmation", "login",
        "otp", "mfa",
        "2fa", "sms", "access", "pairing",
    ]
    /// The name of a code that is exchanged for a token, and of many codes that are none.
    public static let code = "code"
    /// Names of what is public and looks like a secret: words before 64 hexadecimal digits.
    public static let digestNames: Set<String> = [
        "sha256", "sha2", "sha", "digest", "hash", "checksum", "commit", "etag", "image", "revision", "tree", "head",
        "fingerprint", "tx", "txid", "txhash", "transaction", "block", "integrity", "sum", "previous", "contenthash",
    ]
    /// Options of commands behind which a user and a password stand: `curl -u me:secret`.
    public static let userOptions: Set<String> = ["-u", "-U", "--user", "--proxy-user", "--userpwd", "--auth"]
    /// Options of curl that take no value, so that `-u` may follow in the same word.
    public static let curlFlags: Set<Character> = Set("#0123456BGIJLMNOSVafgijklnpqsv")
    /// Words before a colon behind which an address of mail or the like stands, and no user with a password.
    public static let addressLabels: Set<String> = [
        "mailto", "to", "from", "cc", "bcc", "email", "e-mail", "mail", "sender", "recipient", "reply-to", "address",
        "sip",
        "acct", "xmpp", "user", "username", "login", "owner", "author", "contact", "attendee", "organizer",
    ]
    /// Words with which a sentence about an option goes on.
    public static let verbs: Set<String> = [
        "is", "was", "needs", "requires", "must", "and", "or", "not", "option", "to", "for", "in", "has", "given",
        "takes",
        "missing", "expects", "cannot",
    ]
    /// Header fields, and phrases of many words, the whole value of which is secret; other names may end so.
    public static let headers = ["authorization", "cookie", "mnemonic", "seedphrase", "recoveryphrase"]
    /// Words in a header in front of the secret itself.
    public static let schemes = ["bearer", "basic", "ssws"]
    /// Words in front of `key` that make it the name of a secret, and in front of `passe` (`mot de passe`).
    public static let keyQualifiers = [
        "api", "access", "secret", "private", "encryption", "signing", "account", "subscription",
        "de",
    ]

    /// Names of secrets in letters beyond ASCII.
    public static let foreign = [
        "contraseña", "Contraseña", "CONTRASEÑA", "hasło", "Hasło", "lösenord", "Lösenord", "şifre", "Şifre", "пароль",
        "Пароль",
        "密码", "密碼", "口令", "密钥", "密鑰", "令牌", "暗証番号", "パスワード", "トークン", "비밀번호", "암호",
    ]
    /// How the hash of a password begins.
    public static let hashMarks = [
        "$2a$", "$2b$", "$2y$", "$argon2", "$1$", "$5$", "$6$", "$y$", "$apr1$", "$pbkdf2", "$scrypt$", "$7$",
    ]
    /// The ways of logging in that a mail server is told.
    public static let authMethods: Set<String> = ["PLAIN", "LOGIN", "XOAUTH2", "CRAM-MD5", "DIGEST-MD5", "OAUTHBEARER"]
    /// Quotation marks as HTML and URLs escape them.
    public static let escapedQuotes = [
        "&quot;", "&#34;", "&#39;", "&apos;", "&#x22;", "&#x27;", "%22", "%27", "\\u0022", "\\u0027",
    ]
    /// Hosts that let in who knows the path, and how many of its first parts are the same for all.
    public static let hookHosts: [(host: String, open: Int)] = [
        ("hooks.slack.com", 1), ("hooks.zapier.com", 2), ("maker.ifttt.com", 4), ("hc-ping.com", 0),
        ("hook.eu1.make.com", 0),
        ("hook.eu2.make.com", 0), ("hook.us1.make.com", 0), ("hook.us2.make.com", 0), ("open.feishu.cn", 4),
        ("open.larksuite.com", 4), ("hooks.glip.com", 1),
    ]
    /// Parts of a path behind which a secret stands.
    public static let pathNames: Set<String> = [
        "key", "token", "apikey", "api_key", "api-key", "secret", "auth", "password",
    ]
    /// What stands before a user, a slash and a password.
    public static let oracleCommands = [
        "thin:", "oci:", "oci8:", "sqlplus ", "sqlplus -s ", "sqlldr ", "expdp ", "impdp ", "connect ", "userid=",
    ]
    /// Values that say that there is none, or which kind is wanted.
    public static let noValues: Set<String> = [
        "null", "undefined", "true", "false", "YES", "NO", "yes", "no", "none", "None", "NULL", "nil", "required",
        "string",
        "missing", "invalid", "empty", "expired",
    ]
    /// Names of members and attributes that hold the name of another value, which stands beside it.
    public static let labels: Set<String> = [
        "name", "key", "header", "field", "id", "label", "property", "variable", "param", "parameter", "headername",
        "n", "k",
    ]
    /// Names of the members, attributes and elements that hold such a value.
    public static let labelled: Set<String> = ["value", "val", "v", "content", "string", "data", "text"]

    /// How a command is given a secret.
    public struct Command: Sendable, Hashable {
        /// Its name, in small letters without separators.
        public var name: String
        /// Options with the secret in the same word: `-pSECRET`.
        public var glued: Set<String> = []
        /// Options with the secret as the next word: `-p SECRET`.
        public var apart: Set<String> = []
        /// Words one of which stands before it, or it is something else; empty where it stands alone.
        public var behind: Set<String> = []
    }

    /// Commands that take secrets behind options which mean something else to others.
    public static let commands: [Command] = [
        commands(
            ["mysql", "mysqldump", "mysqladmin", "mysqlimport", "mysqlcheck", "mysqlsh", "mariadb", "mariadbdump"],
            glued: ["-p"]),
        commands(["sshpass"], glued: ["-p"], apart: ["-p"]), commands(["7z", "7za", "rar", "unrar"], glued: ["-p"]),
        commands(
            ["mongo", "mongosh", "mongodump", "mongorestore", "mongoexport", "mongoimport", "psexec"], apart: ["-p"]),
        commands(["rediscli", "valkeycli", "keydbcli"], apart: ["-a"]),
        commands(
            ["ldapsearch", "ldapmodify", "ldapadd", "ldapdelete", "ldapwhoami", "ldappasswd"], glued: ["-w"],
            apart: ["-w"]),
        commands(["sqlcmd", "bcp", "isql", "osql"], glued: ["-P"], apart: ["-P"]),
        commands(["zip", "unzip", "ipmitool"], apart: ["-P"]),
        commands(["snmpwalk", "snmpget", "snmpset"], apart: ["-A", "-X", "-c"]),
        commands(["openssl"], apart: ["-k", "-K", "-pass", "-passin", "-passout"]),
        commands(["curl"], apart: ["-b"]),
        commands(
            ["login"], glued: ["-p"], apart: ["-p"],
            behind: [
                "docker", "podman", "nerdctl", "helm", "az", "oc", "skopeo", "buildah", "crane", "acr", "registry",
            ]),
    ].flatMap { $0 }

    private static func commands(
        _ names: [String], glued: Set<String> = [], apart: Set<String> = [], behind: Set<String> = []
    ) -> [Command] {
        names.map { Command(name: $0, glued: glued, apart: apart, behind: behind) }
    }

    /// How an API key of n8n begins.
    public static let apiKeyPrefixes = ["eyJ", "n8n_api_"]
    /// Whether a name is that of a secret, with or without n8n's name or that of an API before it.
    public static func isName(_ name: String) -> Bool {
        guard name.utf8.count <= 30 else { return false }
        return names.contains(String(decoding: letters(of: name.utf8), as: UTF8.self))
    }

    private static let names: Set<String> = {
        let bare = ["key"] + parts + lastParts + whole + headers
        let known = bare + bare.map { "api" + $0 }
        return Set(["", "nn"].flatMap { before in known.map { before + $0 } })
    }()

    /// The ASCII letters of a text, in small ones.
    private static func letters(of text: some Sequence<UInt8>) -> [UInt8] {
        text.map { $0 | 0x20 }.filter { (97...122).contains($0) }
    }
}
