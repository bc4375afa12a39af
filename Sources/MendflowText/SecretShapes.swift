/// How tokens of services look: facts that the services and the public rule sets tell.
public enum SecretShapes {
    /// What follows a beginning, so that it is a token and no name of words.
    public enum Rest: Sendable, Hashable {
        /// Digits, or letters of both cases.
        case mixed
        /// Twelve or more letters and digits in a row in which both stand, or twenty of both cases.
        case dense
        /// A UUID and nothing else.
        case uuid
    }

    /// A beginning, and how many bytes follow it at least.
    public struct Prefix: Sendable, Hashable {
        /// How it begins.
        public var text: String
        /// How many bytes follow at least.
        public var least: Int
        /// What they look like.
        public var rest = Rest.mixed
    }

    /// Beginnings of tokens that are one word of letters, digits, `_` and `-`.
    public static let prefixes: [Prefix] =
        table(
            .mixed,
            [
                (
                    9,
                    """
                    n8n_api_ sk_live_ sk_test_ rk_live_ rk_test_ pk_live_ pk_test_ sk_sbx_ pk_sbx_ whsec_ shpat_ shpss_ \
                    shpca_ shppa_ shpua_ shprt_ xapp- xoxb- xoxp- xoxa- xoxe- xoxr- xoxs- xoxo- xoxc- xoxd- sk-ant- sk-proj- \
                    sk-svcacct- sk-admin- sk-or-v1- sk-lf- pk-lf- sb_secret_ ntn_ rzp_live_ rzp_test_ mdb_sa_sk_ \
                    secret-live- secret-test- cal_live_ cal_test_ polar_oat_ polar_pat_ polar_at_ polar_rt_ pdl_live_ \
                    pdl_sdbx_ os_v2_app_ os_v2_org_ tr_prod_ tr_stg_ tr_pat_ zpka_ CCDB1_ AVNS_ npg_ wandb_v1_ tgp_v1_ \
                    hcaik_ hcbik_ hcamk_ xaat- xapt- CCIPRJ_ glrtr- glwt- dnkey- authress_ bedrock-api-key- ctx7sk- \
                    fm1r_ fm1a_ dt0c02_ snyk_uat_ xkeysib- xsmtpsib- bb_live_ crsr_ \
                    duffel_live_ duffel_test_ FLWSECK_TEST- FLWSECK_LIVE- lin_webhook_ pat-na2- pat-na3- pat-ap1- pk_prod_
                    """
                ),
                (
                    14,
                    """
                    AKIA ASIA ABIA ACCA AIza github_pat_ ghp_ gho_ ghs_ ghu_ ghr_ hf_ GR1348941 LTAI glpat- gldt- glrt- \
                    glcbt- glptt- glft- glimt- glagent- gloas- glsoat- glffct- dckr_pat_ dckr_oat_ glsa_ lin_api_ lin_oauth_ \
                    dop_v1_ doo_v1_ dor_v1_ sntrys_ sntryu_ PMAK- pscale_tkn_ pscale_pw_ pscale_oauth_ rubygems_ sq0atp- \
                    sq0csp- sq0idp- NRAK- NRJS- NRII- NRIQ- NRBR- tskey- api_org_ tfp_ sbp_ sbv_ pplx- gsk_ pnu_ pnb_ rdme_ \
                    nfp_ nfc_ nfu_ nfo_ figd_ figo_ figu_ figoh_ CFPAT- CLOJARS_ FLWSECK- FLWPUBK_TEST- fio-u- fo1_ fm2_ \
                    HRKU-AA AGE-SECRET-KEY-1 waka_ tvly- apify_api_ napi_ CCIPAT_ bkua_ bkct_ bkaj_ pcsk_ \
                    lsv2_pt_ lsv2_sk_ shippo_live_ shippo_test_ sm_aat_ sm_pat_ sm_sat_ s-s4t2ud- s-s4t2af- u-s4t2ud- u-s4t2af- tk-us- p8e- \
                    GOCSPX- aio_ ATATT3 ATCTT3 ATBB ATSTT3 pat-na1- pat-eu1- live_pub_ test_pub_ nvapi- jina_ rpa_
                    """
                ),
                (28, "npm_ pypi- glc_ sqp_ squ_ sqa_ sgp_ phc_ phx_ phs_ EZAK EZTK AKCp ATTA r8_ xai- ABSK dp_pt_"),
                (
                    40,
                    "EAAA EAAC EAAG EAAB EAACEdEose0cBA AQVN AQoDYXdz FwoG IQoJb3JpZ2lu cmVmdGtu AAAAAAAAAAAAAAAAAAAAA"
                ),
                (60, "eyJ ZXlK"),
            ])
        + table(
            .dense,
            [
                (
                    14,
                    """
                    sk- fw_ pa- ico- e2b_ y0_ y1_ y2_ y3_ vcp_ vci_ vca_ vcr_ vck_ tr_dev_ slk_ jca_ nbp_ csk- llx- AIK_ \
                    API- SCW xau_ ak- as- dapi dose pul- rnd_ re_ tk_ \
                    cfut_ cfat_ cfk_ ddpat_ gAAAAA
                    """
                ), (24, "key- pubkey- fc- sk_ ops_ cio oy2 pk_ live_ test_ sess- cflt signkey-prod-"),
            ])
        + table(
            .uuid,
            [
                (
                    36,
                    """
                    sdk- mob- api- rel- HRKU- access-sandbox- access-development- access-production- public-sandbox- \
                    public-production- link-sandbox- link-production-
                    """
                )
            ])

    /// First parts of tokens whose parts are joined by dots, and how many bytes follow the first part at least.
    public static let dotted: [Prefix] = table(
        .mixed,
        [
            (1, "eyJ"), (17, "ya29"),
            (
                24,
                "hvs hvb hvr dp dt0c01 dt0s16 dt0s01 sl VF pat sat atlasv1 api_live api_sandbox api_live_eu snyk_uat oat"
            ),
            (33, "SG t1 mlsn"), (60, "st v1 v2 v3 v4 1000 sk pk"),
        ])

    /// Beginnings of what goes on in letters, digits and signs of Base64: keys without their frame, cookies that are sealed,
    /// codes that are exchanged for tokens.
    public static let runs: [Prefix] = table(
        .dense,
        [
            (
                24,
                """
                MIIEv MIIEp MIIEo MIIJK MIIJQ MIICX MIICW MIICd MHcCAQEEI MIGHAgEAMBMGByqGSM49 MIGkAgEBBD MIG2AgEAMBAG \
                MC4CAQAwBQYDK2VwBCIEI b3BlbnNzaC1rZXktdjE U2FsdGVkX1 CfDJ8 1//0 4/0A dG9rO perm: perm-
                """
            ), (40, "ewogICJ0eXBlIjog"),
        ])

    private static func table(_ rest: Rest, _ groups: [(Int, String)]) -> [Prefix] {
        groups.flatMap { least, words in
            words.split(separator: " ").map { Prefix(text: String($0), least: least, rest: rest) }
        }
    }
}
