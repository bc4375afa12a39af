import MendflowHTML

/// How the console looks: one file, served by the console itself, light and dark as the reader's system is.
enum Style {
    /// Its address, another one whenever it changes.
    static let place = Place("console.css", query: ["v": version])

    private static let version: String = {
        let hash = text.utf8.reduce(UInt64(14_695_981_039_346_656_037)) { ($0 ^ UInt64($1)) &* 1_099_511_628_211 }
        return String(hash, radix: 16)
    }()

    /// The whole style sheet.
    static let text = HTMLText.style.markup + "\n" + own.markup

    private static let own: HTMLText = """
        :root{--bg:#fff;--fg:#1c2128;--soft:#f4f6f8;--link:#0757ba;--good:#116329;--wait:#7a4b00;--dim:#57606a}
        @media(prefers-color-scheme:dark){:root{--bg:#14171c;--fg:#e6e9ee;--soft:#1f242c;--link:#79b8ff;--good:#56d364;--wait:#e3b341;--dim:#9aa4b0}}
        body{background:var(--bg);color:var(--fg);margin:0 auto;padding:0 1.25rem 2rem}
        a{color:var(--link)}
        .note{opacity:1;color:var(--dim)}
        :focus-visible{outline:3px solid var(--link);outline-offset:2px;border-radius:.15rem}
        .skip{position:absolute;left:-100rem}.skip:focus{left:1rem;top:.5rem;background:var(--bg);padding:.5rem 1rem;z-index:1}
        .sr{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
        header{display:flex;flex-wrap:wrap;align-items:center;gap:.4rem 1.5rem;padding:.7rem 0;border-bottom:1px solid var(--line)}
        .brand{font-weight:700;color:inherit;text-decoration:none;font-size:1.05rem}
        nav ul{display:flex;flex-wrap:wrap;gap:.2rem .3rem;list-style:none;margin:0;padding:0}
        nav li a{display:block;padding:.35rem .7rem;border-radius:.4rem;color:inherit;text-decoration:none}
        nav li a:hover{text-decoration:underline}
        nav li a[aria-current]{background:var(--soft);font-weight:600;box-shadow:inset 0 -2px var(--link)}
        .count{background:var(--bad);color:var(--bg);border-radius:1rem;padding:0 .5em;font-size:.85em;font-weight:600}
        .find{margin-left:auto}
        main{display:block;outline:none}h1{margin:1.4rem 0 .8rem;overflow-wrap:anywhere}h2{margin:2rem 0 .6rem}
        footer{display:flex;flex-wrap:wrap;align-items:center;gap:.3rem .8rem;margin-top:3rem;padding-top:.8rem;border-top:1px solid var(--line);color:var(--dim);font-size:.9em}footer p{margin:0}
        form{display:flex;flex-wrap:wrap;align-items:end;gap:.5rem .8rem;margin:.5rem 0}
        form.plain{display:inline-flex;margin:0 .5rem 0 0}.find{align-items:center}
        label{display:grid;gap:.15rem;font-size:.9em;color:var(--dim)}
        input,select,button{font:inherit;min-height:2.25rem;padding:.25rem .6rem;border:1px solid var(--dim);border-radius:.4rem;background:var(--bg);color:var(--fg);max-width:100%}
        button{cursor:pointer;background:var(--soft)}button:hover{border-color:var(--link)}
        footer button{min-height:1.8rem;padding:.05rem .6rem}
        td,th{padding:.35rem .8rem .35rem 0}th{font-weight:600}tbody th{font-weight:400}thead th{color:var(--dim);font-size:.9em;vertical-align:bottom}
        td,tbody th{overflow-wrap:break-word}td:last-child{overflow-wrap:anywhere;min-width:9rem}td.n:last-child{min-width:0}td.n,th.n{text-align:right;min-width:0}time{white-space:nowrap}
        .badge{display:inline-block;border:1px solid currentColor;border-radius:.4rem;padding:0 .45em;font-size:.85em;white-space:nowrap}
        .good{color:var(--good)}.wait{color:var(--wait)}
        .notice{border:1px solid var(--line);border-left:.35rem solid var(--wait);border-radius:.4rem;padding:.6rem 1rem;margin:.8rem 0;color:var(--fg);background:var(--soft);overflow-wrap:anywhere}
        .notice.bad{border-left-color:var(--bad)}.notice.good{border-left-color:var(--good)}
        .notice p{margin:.2rem 0}
        .facts{display:flex;flex-wrap:wrap;gap:.5rem 2.2rem;margin:.6rem 0}.facts div{min-width:0}
        .facts dt{font-size:.85em;color:var(--dim);opacity:1}.facts dd{font-weight:600}
        .pages{margin:.8rem 0}.pages a{padding:.3rem .6rem}
        .request{border:1px solid var(--line);border-radius:.5rem;padding:.7rem 1rem;margin:.8rem 0}.request h3{margin:0 0 .3rem}
        .timeline{list-style:none;padding:0;margin:0}.timeline li{border-left:3px solid var(--line);padding:.15rem 0 .6rem .9rem}
        .timeline .us{border-left-color:var(--o)}.timeline .person,.timeline .somebody{border-left-color:var(--p)}
        .timeline time,.who{color:var(--dim);font-size:.9em}.timeline p{margin:0;overflow-wrap:anywhere}
        .tests{list-style:none;padding:0;margin:.3rem 0}.tests .tests{padding-left:1.4rem}.tests li{padding:.05rem 0;overflow-wrap:anywhere}
        .mark{display:inline-block;min-width:2.2rem;font-weight:600}
        pre{background:var(--soft);border-radius:.5rem;padding:.8rem 1rem;overflow-x:auto;font-size:.9em}
        @media(max-width:44rem){
        .find{margin-left:0}header{gap:.4rem .8rem}nav li a{padding:.35rem .5rem}
        table,tbody,tbody tr,tbody td,tbody th{display:block}thead{display:block;position:absolute;clip-path:inset(50%);width:1px;height:1px;overflow:hidden}.scroll{position:relative}
        tbody tr{border:1px solid var(--line);border-radius:.5rem;margin:.6rem 0;padding:.4rem .8rem}
        tbody td,tbody th{overflow-wrap:anywhere;border:0;padding:.12rem 0;display:flex;gap:.8rem;justify-content:space-between;text-align:right;min-width:0}
        tbody td.n{text-align:right}tbody td:empty{display:none}
        tbody td::before,tbody th::before{content:attr(data-label);color:var(--dim);font-size:.9em;text-align:left;flex:0 0 auto}
        }
        """
}
