/// How tokens of services look: facts that the services and the public rule sets tell.
public enum SecretShapes {
    /// A beginning, and how many bytes follow it at least. What follows holds digits, or letters of both cases.
    public struct Prefix: Sendable, Hashable {
        /// How it begins.
        public var text: String
        /// How many bytes follow at least.
        public var least: Int
    }

    /// Beginnings of tokens that are one word of letters, digits, `_` and `-`.
    public static let prefixes: [Prefix] = table([
        (
            9,
            """
            n8n_api_ sk_live_ sk_test_ rk_live_ rk_test_ pk_live_ pk_test_ whsec_ shpat_ shpss_ shpca_ shppa_ xapp- xoxb- \
            xoxp- xoxa- xoxe- xoxr- xoxs- xoxo- xoxc- xoxd- sk-ant- sk-proj- sk-svcacct- sk-or-v1- sk-lf- sb_secret_ ntn_
            """
        ),
        (
            14,
            """
            AKIA ASIA ABIA ACCA AIza sk- github_pat_ ghp_ gho_ ghs_ ghu_ ghr_ hf_ GR1348941 LTAI glpat- gldt- glrt- glcbt- \
            glptt- glft- glimt- glagent- gloas- glsoat- glffct- dckr_pat_ dckr_oat_ glsa_ lin_api_ lin_oauth_ dop_v1_ \
            doo_v1_ dor_v1_ sntrys_ sntryu_ PMAK- pscale_tkn_ pscale_pw_ pscale_oauth_ rubygems_ sq0atp- sq0csp- NRAK- NRJS- \
            NRII- NRBR- tskey- xkeysib- xsmtpsib- api_org_ tfp_ sbp_ pplx- gsk_ pnu_ rdme_ nfp_ nfc_ figd_ figo_ CFPAT- \
            CLOJARS_ FLWSECK- FLWSECK_TEST- FLWPUBK_TEST- fio-u- fo1_ fm2_ HRKU-AA AGE-SECRET-KEY-1 duffel_test_ \
            duffel_live_ waka_ tvly- apify_api_ napi_ CCIPAT_ bkua_ pcsk_ lsv2_pt_ lsv2_sk_ shippo_live_ shippo_test_ sm_aat_ \
            sm_pat_ sm_sat_ s-s4t2ud- s-s4t2af- tk-us- p8e- GOCSPX- aio_ ATATT3 ATCTT3 ATBB pat-na1- pat-eu1- live_pub_ \
            test_pub_ nvapi- jina_ rpa_
            """
        ),
        (
            28,
            """
            npm_ pypi- glc_ pul- sqp_ squ_ sqa_ sgp_ phc_ phx_ rnd_ vcp_ EZAK EZTK AKCp ATTA cio dapi key- re_ fc- sk_ r8_ \
            xai- ABSK oy2 ops_ dp_pt_
            """
        ), (40, "EAAA EAAC EAAG EAAB EAACEdEose0cBA AQVN AQoDYXdz FwoG"), (60, "eyJ"),
    ])

    /// First parts of tokens whose parts are joined by dots, and how many bytes follow the first part at least.
    public static let dotted: [Prefix] = table([
        (1, "eyJ"), (17, "ya29"), (24, "hvs hvb hvr dp dt0c01 dt0s16 dt0s01 sl VF pat sat atlasv1"), (33, "SG t1"),
    ])

    private static func table(_ groups: [(Int, String)]) -> [Prefix] {
        groups.flatMap { least, words in words.split(separator: " ").map { Prefix(text: String($0), least: least) } }
    }
}
