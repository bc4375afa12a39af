import Testing

/// Ways in which a secret was met in texts, one of each: names, headers, URLs, files, and the tokens of services as they
/// say themselves that they look. None of them was ever in use.
struct SecretFormat: Sendable, CustomTestStringConvertible {
    /// What it is.
    var name: String
    /// The text around it, `§` standing for it.
    var around: String
    /// The secret.
    var secret: String

    var text: String { around.replacing("§", with: secret) }
    var testDescription: String { name }

    init(_ name: String, _ around: String, _ secret: String) {
        (self.name, self.around, self.secret) = (name, around, secret)
    }
}

extension SecretFormat {
    /// All of them.
    static let all = tokens + services + named + apart

    static let mixed = "Zx9Qw8Er7Ty6Ui5Op4As3Df2Gh1Jk0LzXcVbNmQwErTyUiOpAsDfGhJkLz0918"
    static let lower = "a1b2c3d4e5f6g7h8i9j0k1l2m3n4o5p6q7r8s9t0u1v2w3x4y5z6a7b8c9d0e1f2"
    static let upper = "A7B2C9D4E1F6G3H8I5J0K7L2M9N4O1P6Q3R8S5T0U7V2W9X4Y1Z6A3B8C5D0E7F2"
    static let hex = "3f9a7c1e5b2d8064af13ce579b2468d03f9a7c1e5b2d8064af13ce579b2468d0"

    static func token(_ name: String, _ begin: String, _ rest: String) -> SecretFormat {
        SecretFormat(name, "the call with § failed", begin + rest)
    }

    /// Tokens that are known by how they look, wherever they stand.
    static let tokens: [SecretFormat] = [
        token("n8n", "n8n_api_", String(lower.prefix(40))),
        token("OpenAI", "sk-", String(mixed.prefix(48))),
        token("OpenAI project", "sk-proj-", String(mixed.prefix(60))),
        token("OpenAI service account", "sk-svcacct-", String(mixed.prefix(60))),
        token("Anthropic", "sk-ant-api03-", String(mixed.prefix(60))),
        token("OpenRouter", "sk-or-v1-", String(hex.prefix(64))),
        token("AWS access key", "AKIA", String(upper.prefix(16))),
        token("AWS temporary key", "ASIA", String(upper.prefix(16))),
        token("Google API key", "AIza", String(mixed.prefix(35))),
        token("Google client secret", "GOCSPX-", String(mixed.prefix(28))),
        token("GitHub personal", "ghp_", String(mixed.prefix(36))),
        token("GitHub OAuth", "gho_", String(mixed.prefix(36))),
        token("GitHub user-to-server", "ghu_", String(mixed.prefix(36))),
        token("GitHub server-to-server", "ghs_", String(mixed.prefix(36))),
        token("GitHub refresh", "ghr_", String(mixed.prefix(36))),
        token("GitHub fine-grained", "github_pat_", String(mixed.prefix(60))),
        token("GitLab personal", "glpat-", String(mixed.prefix(20))),
        token("GitLab deploy", "gldt-", String(mixed.prefix(20))),
        token("GitLab runner", "glrt-", String(mixed.prefix(20))),
        token("GitLab CI job", "glcbt-", String(mixed.prefix(20))),
        token("GitLab trigger", "glptt-", String(hex.prefix(40))),
        token("GitLab feed", "glft-", String(mixed.prefix(20))),
        token("GitLab agent", "glagent-", String(mixed.prefix(50))),
        token("GitLab OAuth secret", "gloas-", String(hex.prefix(64))),
        token("Slack bot", "xoxb-1234567890-1234567890123-", String(mixed.prefix(24))),
        token("Slack user", "xoxp-1234567890-1234567890-", String(mixed.prefix(24))),
        token("Slack app", "xapp-1-A0123456789-1234567890123-", String(hex.prefix(40))),
        token("Slack config refresh", "xoxe-1-", String(mixed.prefix(60))),
        token("Slack cookie", "xoxd-", String(mixed.prefix(40))),
        token("Stripe live", "sk_live_", String(mixed.prefix(24))),
        token("Stripe restricted", "rk_live_", String(mixed.prefix(24))),
        token("Stripe test", "sk_test_", String(mixed.prefix(24))),
        token("Stripe webhook", "whsec_", String(mixed.prefix(32))),
        token("Shopify access", "shpat_", String(hex.prefix(32))),
        token("Shopify shared", "shpss_", String(hex.prefix(32))),
        token("Shopify custom app", "shpca_", String(hex.prefix(32))),
        token("npm", "npm_", String(mixed.prefix(36))),
        token("PyPI", "pypi-AgEIcHlwaS5vcmc", String(mixed.prefix(60))),
        token("RubyGems", "rubygems_", String(hex.prefix(48))),
        token("crates.io", "cio", String(mixed.prefix(32))),
        token("NuGet", "oy2", String(lower.prefix(43))),
        token("Docker Hub", "dckr_pat_", String(mixed.prefix(27))),
        token("DigitalOcean", "dop_v1_", String(hex.prefix(64))),
        token("DigitalOcean OAuth", "doo_v1_", String(hex.prefix(64))),
        token("Hugging Face", "hf_", String(mixed.prefix(34))),
        token("Hugging Face organisation", "api_org_", String(mixed.prefix(34))),
        token("Notion", "ntn_", String(mixed.prefix(46))),
        token("Notion, old", "secret_", String(mixed.prefix(43))),
        token("Linear", "lin_api_", String(mixed.prefix(40))),
        token("Atlassian", "ATATT3", String(mixed.prefix(60))),
        token("Bitbucket", "ATBB", String(mixed.prefix(32))),
        token("Databricks", "dapi", String(hex.prefix(32))),
        token("Grafana service account", "glsa_", String(mixed.prefix(41))),
        token("Grafana cloud", "glc_", String(mixed.prefix(60))),
        token("Vault", "hvs.", String(mixed.prefix(60))),
        token("Vault batch", "hvb.", String(mixed.prefix(60))),
        token("Terraform Cloud", "atlasv1.", String(mixed.prefix(60))),
        token("PlanetScale", "pscale_tkn_", String(mixed.prefix(43))),
        token("Postman", "PMAK-", String(hex.prefix(24))),
        token("Pulumi", "pul-", String(hex.prefix(40))),
        token("SendGrid", "SG.", mixed.prefix(22) + "." + mixed.prefix(43)),
        token("Brevo", "xkeysib-", String(hex.prefix(64))),
        token("Mailgun", "key-", String(hex.prefix(32))),
        token("Twilio", "SK", String(hex.prefix(32))),
        token("Square", "sq0atp-", String(mixed.prefix(22))),
        token("Square secret", "sq0csp-", String(mixed.prefix(43))),
        token("Facebook", "EAAC", String(mixed.prefix(60))),
        token("Airtable", "patAbCdEfGhIjKlMn.", String(hex.prefix(64))),
        token("Adafruit", "aio_", String(mixed.prefix(28))),
        token("Alibaba", "LTAI", String(mixed.prefix(20))),
        token("Contentful", "CFPAT-", String(mixed.prefix(43))),
        token("Doppler", "dp.pt.", String(mixed.prefix(43))),
        token("Duffel", "duffel_test_", String(mixed.prefix(43))),
        token("Dynatrace", "dt0c01.", upper.prefix(24) + "." + upper),
        token("EasyPost", "EZAK", String(mixed.prefix(54))),
        token("Figma", "figd_", String(mixed.prefix(40))),
        token("Fly.io", "fo1_", String(mixed.prefix(43))),
        token("Frame.io", "fio-u-", String(mixed.prefix(60))),
        token("JFrog", "AKCp", String(mixed.prefix(60))),
        token("Netlify", "nfp_", String(mixed.prefix(36))),
        token("New Relic", "NRAK-", String(upper.prefix(27))),
        token("Perplexity", "pplx-", String(mixed.prefix(48))),
        token("Groq", "gsk_", String(mixed.prefix(52))),
        token("xAI", "xai-", String(mixed.prefix(60))),
        token("Replicate", "r8_", String(mixed.prefix(37))),
        token("Prefect", "pnu_", String(mixed.prefix(36))),
        token("ReadMe", "rdme_", String(lower.prefix(60))),
        token("Sentry", "sntrys_", String(mixed.prefix(60))),
        token("SonarQube", "sqp_", String(hex.prefix(40))),
        token("Sourcegraph", "sgp_", String(hex.prefix(40))),
        token("Supabase", "sbp_", String(hex.prefix(40))),
        token("Tailscale", "tskey-auth-", String(mixed.prefix(30))),
        token("Typeform", "tfp_", String(mixed.prefix(59))),
        token("WakaTime", "waka_", String(hex.prefix(36))),
        token("HubSpot", "pat-na1-", String(hex.prefix(32))),
        token("Apify", "apify_api_", String(mixed.prefix(36))),
        token("PostHog", "phx_", String(mixed.prefix(43))),
        token("Neon", "napi_", String(lower.prefix(60))),
        token("Render", "rnd_", String(mixed.prefix(32))),
        token("CircleCI", "CCIPAT_", String(mixed.prefix(40))),
        token("Buildkite", "bkua_", String(hex.prefix(40))),
        token("Pinecone", "pcsk_", String(mixed.prefix(60))),
        token("LangSmith", "lsv2_pt_", String(hex.prefix(32))),
        token("Shippo", "shippo_live_", String(hex.prefix(40))),
        token("Clojars", "CLOJARS_", String(mixed.prefix(60))),
        token("Age", "AGE-SECRET-KEY-1", String(upper.prefix(58))),
        token("Trello", "ATTA", String(mixed.prefix(60))),
        token("Telegram", "123456789:AA", String(mixed.prefix(33))),
        token("Mailchimp", "", hex.prefix(32) + "-us12"),
        token("Discord", "MTIzNDU2Nzg5MDEyMzQ1Njc4.GZx9Qw.", String(mixed.prefix(38))),
        token("Google OAuth", "ya29.", String(mixed.prefix(60))),
        token("Azure application", "abc8Q~", String(mixed.prefix(34))),
        token("Tavily", "tvly-", String(mixed.prefix(32))),
        token("NVIDIA", "nvapi-", String(mixed.prefix(60))),
        token("Resend", "re_", String(mixed.prefix(33))),
        token("a JWT", "", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0." + mixed.prefix(43)),
        token("bare SHA-like key", "", hex),
    ]

    /// Secrets that are known by what stands around them.
    static let named: [SecretFormat] = [
        SecretFormat("Authorization with a tab", #"Authorization\#tBearer §"#, #"Zx9Qw8Er7Ty6Ui5Op4As3Df2Gh1Jk0"#),
        SecretFormat("Authorization without a colon", #"Authorization Bearer §"#, #"Zx9Qw8Er7Ty6Ui5Op4As3Df2Gh1Jk0"#),
        SecretFormat("a header's name and value apart by a tab", #"X-Api-Key\#t§"#, #"3f9a7c1e5b2d8064af13"#),
        SecretFormat("the same by a blank", #"X-Api-Key § was refused"#, #"3f9a7c1e5b2d8064af13"#),
        SecretFormat("raw headers", #"rawHeaders: ["Host", "h", "X-Api-Key", "§"]"#, #"3f9a7c1e5b2d8064af13"#),
        SecretFormat("a pair of JSON", #"{"name":"X-Api-Key","value":"§"}"#, #"Tr0ub4dor-and-3"#),
        SecretFormat("a pair of XML attributes", #"<add key="Password" value="§"/>"#, #"Tr0ub4dor-and-3"#),
        SecretFormat(
            "Digest", #"Authorization: Digest username="me", response="§""#, #"3f9a7c1e5b2d8064af13ce579b2468d0"#),
        SecretFormat(
            "Digest, its answer alone", #"challenge failed: nc=00000001, response="§", opaque="x""#,
            #"3f9a7c1e5b2d8064af13ce579b2468d0"#),
        SecretFormat(
            "Azure storage",
            #"DefaultEndpointsProtocol=https;AccountName=a;AccountKey=§;EndpointSuffix=core.windows.net"#,
            #"Zx9Qw8Er7Ty6Ui5Op4As3Df2Gh1Jk0LzXcVbNmQw=="#),
        SecretFormat(
            "Azure service bus", #"Endpoint=sb://a/;SharedAccessKeyName=Root;SharedAccessKey=§"#,
            #"Zx9Qw8Er7Ty6Ui5Op4As3Df2Gh1Jk0LzXcVbNmQw="#),
        SecretFormat(
            "Azure signature", #"https://a.blob.core.windows.net/c?sv=2024-01-01&sig=§&se=2026"#,
            #"Zx9Qw8Er7Ty6Ui5Op4As3Df2Gh1Jk0%3D"#),
        SecretFormat("DB_PASS", #"DB_HOST=db DB_PASS=§ DB_NAME=x"#, #"geheim"#),
        SecretFormat("DB_PASSWORD", #"DB_PASSWORD=§"#, #"geheim"#),
        SecretFormat("MYSQL_PWD", #"MYSQL_PWD=§ mysql -h db"#, #"Tr0ub4dor-and-3"#),
        SecretFormat("PGPASSWORD", #"PGPASSWORD=§ psql"#, #"Tr0ub4dor-and-3"#),
        SecretFormat("REDIS_PASS", #"REDIS_PASS: §"#, #"Tr0ub4dor-and-3"#),
        SecretFormat("an OAuth code", #"GET /callback?code=§&state=1"#, #"4/0AX4XfWhZx9Qw8Er7Ty6Ui5Op4As"#),
        SecretFormat("a session's id", #"Cookie parse: sid=§; path=/"#, #"s%3AZx9Qw8Er7Ty6Ui5Op4As"#),
        SecretFormat("connect.sid", #"connect.sid=s%3A§"#, #"Zx9Qw8Er7Ty6Ui5Op4As3Df2Gh1Jk0"#),
        SecretFormat("JSESSIONID", #"JSESSIONID=§"#, #"A7B2C9D4E1F6G3H8I5J0K7L2M9N4O1P6"#),
        SecretFormat("PHPSESSID", #"PHPSESSID: §"#, #"a1b2c3d4e5f6g7h8i9j0k1l2m3"#),
        SecretFormat("curl -u", #"curl -u §  https://h/x"#, #"me:Tr0ub4dor-and-3"#),
        SecretFormat("curl --user in quotes", #"curl --user '§' https://h"#, #"me:Tr0ub4dor-and-3"#),
        SecretFormat("a command's --password", #"psql --password § -h db"#, #"Tr0ub4dor-and-3"#),
        SecretFormat("a command's --token=", #"gh auth --token=§"#, #"Tr0ub4dor-and-3"#),
        SecretFormat("an element", #"<password>§</password>"#, #"Tr0ub4dor-and-3"#),
        SecretFormat(
            "an element with attributes", #"<wsse:Password Type="x#PasswordText">§</wsse:Password>"#,
            #"Tr0ub4dor-and-3"#),
        SecretFormat("a URL's user", #"postgres://user:§@db:5432/x"#, #"Tr0ub4dor-and-3"#),
        SecretFormat("mongodb+srv", #"mongodb+srv://user:§@c.mongodb.net/x"#, #"Tr0ub4dor-and-3"#),
        SecretFormat("redis without a user", #"redis://:§@cache:6379"#, #"Tr0ub4dor-and-3"#),
        SecretFormat("amqp", #"amqp://guest:§@mq/vh"#, #"Tr0ub4dor-and-3"#),
        SecretFormat("smtp", #"smtps://me%40x:§@smtp.x:465"#, #"Tr0ub4dor-and-3"#),
        SecretFormat("a URL inside a URL", #"https%3A%2F%2Fme%3A§%40h%2Fx"#, #"Tr0ub4dor-and-3"#),
        SecretFormat("Ruby's arrow", #""api_key" => "§""#, #"Tr0ub4dor-and-3"#),
        SecretFormat("Go's sign", #"apiKey := "§""#, #"Tr0ub4dor-and-3"#),
        SecretFormat("YAML", #"client_secret: §"#, #"Tr0ub4dor-and-3"#),
        SecretFormat("JSON", #"{"client_secret":"§"}"#, #"Tr0ub4dor-and-3"#),
        SecretFormat("JSON within JSON", #"{\"client_secret\":\"§\"}"#, #"Tr0ub4dor-and-3"#),
        SecretFormat("a form", #"grant_type=password&username=u&password=§&scope=x"#, #"Tr0ub4dor-and-3"#),
        SecretFormat("Set-Cookie", #"Set-Cookie: session=§; HttpOnly"#, #"Tr0ub4dor-and-3"#),
        SecretFormat("Proxy-Authorization", #"Proxy-Authorization: Basic §"#, #"bWU6c2VjcmV0"#),
        SecretFormat(
            "Ocp-Apim-Subscription-Key", #"Ocp-Apim-Subscription-Key: §"#, #"3f9a7c1e5b2d8064af13ce579b2468d0"#),
        SecretFormat("x-functions-key", #"x-functions-key: §"#, #"Zx9Qw8Er7Ty6Ui5Op4As3Df2Gh1Jk0"#),
        SecretFormat("PRIVATE-TOKEN", #"PRIVATE-TOKEN: §"#, #"Tr0ub4dor-and-3"#),
        SecretFormat("X-Vault-Token", #"X-Vault-Token: §"#, #"Tr0ub4dor-and-3"#),
        SecretFormat(
            "aws_secret_access_key", #"aws_secret_access_key = §"#, #"Zx9Qw8Er7Ty6Ui5Op4As3Df2Gh1Jk0LzXcVbNmQw"#),
        SecretFormat(
            "x-amz-security-token", #"X-Amz-Security-Token=§&X-Amz-Date=1"#,
            #"Zx9Qw8Er7Ty6Ui5Op4As3Df2Gh1Jk0LzXcVbNmQw"#),
        SecretFormat("otp", #"otp=§"#, #"493817"#),
        SecretFormat("in German", #"Passwort: §"#, #"geheim"#),
        SecretFormat("in French", #"mot_de_passe=§"#, #"secretfr"#),
        SecretFormat(
            "a private key", #"-----BEGIN OPENSSH PRIVATE KEY-----\#n§\#n-----END OPENSSH PRIVATE KEY-----"#,
            #"Zx9Qw8Er7Ty6Ui5Op4As3Df2Gh1Jk0LzXcVbNmQwErTyUiOpAsDfGhJkLz09"#),
        SecretFormat(
            "a PGP key", #"-----BEGIN PGP PRIVATE KEY BLOCK-----\#n§\#n-----END PGP PRIVATE KEY BLOCK-----"#,
            #"Zx9Qw8Er7Ty6Ui5Op4As3Df2Gh1Jk0LzXcVbNmQwErTyUiOpAsDfGhJkLz09"#),
        SecretFormat("a Slack webhook", #"https://hooks.slack.com/services/T01/B02/§"#, #"Zx9Qw8Er7Ty6Ui5Op4As3Df2"#),
        SecretFormat(
            "a Discord webhook", #"https://discord.com/api/webhooks/1122334455/§"#,
            #"Zx9Qw8Er7Ty6Ui5Op4As3Df2Gh1Jk0LzXcVbNmQwErTyUiOpAsDfGhJkLz09"#),
        SecretFormat(
            "a Teams webhook", #"https://x.webhook.office.com/webhookb2/a/IncomingWebhook/§"#,
            #"3f9a7c1e5b2d8064af13ce579b2468d0"#),
        SecretFormat(
            "a bot's URL", #"https://api.telegram.org/bot§/getMe"#, #"123456789:AAZx9Qw8Er7Ty6Ui5Op4As3Df2Gh1Jk0LzX"#),
        SecretFormat("a sentence", #"Incorrect API key provided: §."#, #"Zx9Qw8Er7Ty6Ui5Op4As"#),
        SecretFormat("another sentence", #"your token is § and expired"#, #"Zx9Qw8Er7Ty6Ui5Op4As"#),
        SecretFormat("npm's file", #"//registry.npmjs.org/:_authToken=§"#, #"Zx9Qw8Er7Ty6Ui5Op4As3Df2Gh1Jk0LzXcVb"#),
        SecretFormat("npm's old file", #"_auth=§"#, #"Zx9Qw8Er7Ty6Ui5Op4As3Df2"#),
        SecretFormat("an element on lines of its own", #"<Password>\#n  §\#n</Password>"#, #"Zx9Qw8Er7T"#),
        SecretFormat("JSON's escape", #"token\u003d§ refused"#, #"Zx9Qw8Er7T"#),
        SecretFormat("JSON's escape, quoted", ##""password"\u003d"§""##, #"Zx9Qw8Er7T"#),
        SecretFormat("a URL's escape", #"next=%2Fcb%3Faccess_token%3D§"#, #"Zx9Qw8Er7T"#),
        SecretFormat("a folded header", #"X-Auth-Token:\#n §"#, #"Zx9Qw8Er7T"#),
        SecretFormat("a blank that does not break", "Authorization was Bearer\u{A0}§", #"Zx9Qw8Er7T"#),
        SecretFormat("LDAP's bind", #"bind_pw=§"#, #"Zx9Qw8Er7T"#),
        SecretFormat("SAML", #"SAMLResponse=§&RelayState=x"#, #"PHNhbWxwOlJlc3BvbnNl1Zx9Qw8Er7Ty6Ui5Op4As"#),
    ]
}
