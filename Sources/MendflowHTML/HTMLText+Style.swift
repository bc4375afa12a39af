extension HTMLText {
    /// How the program's pages look: light and dark as the reader's system is, readable on a telephone and on paper.
    package static let style: HTMLText = """
        :root{color-scheme:light dark;--o:#1a7f37;--p:#0969da;--f:#6e7781;--bad:#b42318;--line:#8884}
        @media(prefers-color-scheme:dark){:root{--o:#3fb950;--p:#58a6ff;--f:#8b949e;--bad:#ff7b72}}
        *{box-sizing:border-box}
        body{font:15px/1.5 system-ui,sans-serif;max-width:76rem;margin:2rem auto;padding:0 1rem}
        h1{font-size:1.4rem;line-height:1.35;max-width:50rem}h2{margin-top:2.5rem;font-size:1.15rem}h3{font-size:1rem}
        .note{opacity:.75}.bad{color:var(--bad)}
        .scroll{overflow-x:auto}table{border-collapse:collapse}
        td,th{padding:.25rem .7rem;text-align:left;vertical-align:top;border-bottom:1px solid var(--line)}
        td.w{min-width:18rem}.n{text-align:right;white-space:nowrap}
        code{font-size:.9em;overflow-wrap:anywhere}
        .numbers{display:grid;grid-template-columns:repeat(auto-fit,minmax(10.5rem,1fr));gap:.8rem;padding:0;list-style:none}
        .numbers li{border:1px solid var(--line);border-radius:.5rem;padding:.7rem 1rem}
        .numbers b{display:block;font-size:1.6rem}
        .strips td,.strips th{vertical-align:middle}.strips th{font-weight:600;max-width:14rem}
        svg{display:block;max-width:100%;height:auto}
        .o{fill:var(--o)}.p{fill:var(--p)}.f{fill:var(--f)}.axis{fill:currentColor;opacity:.7;font:10px system-ui,sans-serif}
        .key i{display:inline-block;width:.8em;height:.8em;margin:0 .3em 0 1em;border-radius:.15em}
        details{border:1px solid var(--line);border-radius:.5rem;padding:.5rem 1rem;margin:.6rem 0}
        summary{cursor:pointer;font-weight:600}
        dl{display:grid;grid-template-columns:minmax(7rem,max-content) 1fr;gap:.3rem 1rem;margin:.8rem 0}
        dt{opacity:.75}dd{margin:0;min-width:0;overflow-wrap:anywhere}dd ul{margin:0;padding-left:1.1rem}
        @media(max-width:40rem){dl{grid-template-columns:1fr;gap:.1rem}dd{margin-bottom:.5rem}\
        .strips td,.strips th{display:block;border:0;padding:.1rem 0;text-align:left}.strips tr{display:block;margin-bottom:.8rem}}
        @media print{details{break-inside:avoid}}
        """
}
