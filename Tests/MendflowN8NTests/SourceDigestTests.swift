import MendflowCore
import MendflowTestKit
import Testing

@testable import MendflowN8N

@Suite("What sources say without being kept")
struct SourceDigestTests {
    @Test(
        "a script that names no way out is pure",
        arguments: [
            "return items.map(i => ({json: {total: i.json.a + 1}}));", "throw new Error('could not fetch order 5');",
            "class A { constructor() { this.x = 1 } }\nreturn []", "// fields require a name\nreturn $input.all()",
            "const url = 'https://x.example/' + $json.id; return [{json: {url}}]",
            "const open = items.filter(i => i.json.status === 'open'); return open",
            "const requests = $input.all(); return requests.map(r => r)",
            "if (Object.prototype.hasOwnProperty.call(i.json, 'id')) return i", "// import the orders\nreturn []",
        ])
    func pure(_ source: String) { #expect(ScriptSource.showsNoCall(source)) }

    @Test(
        "a script in Python is pure where it imports nothing but what computes",
        arguments: [
            "return [i for i in _input.all()]", "import json\nreturn json.loads(x)", "import re, math as m\nreturn []",
            "from datetime import datetime, timedelta\nreturn []", "# open the box\nreturn []",
        ])
    func purePython(_ source: String) { #expect(ScriptSource.showsNoCall(source, .python)) }

    @Test(
        "a script in Python that calls out, or could, is not",
        arguments: [
            "import requests\nreturn []", "import json, os\nreturn []", "from os import system\nreturn []",
            "from json import *\nreturn []", "import json.codecs\nreturn []", "requests.post(url)",
            "open('/data/x', 'w')",
            "__import__('os')", "import json\njson.codecs.open('x')", "f = open\nf('x')",
            "x = f\"\"\"\n# {open('x')}\n\"\"\"", "sys.modules['os']",
        ])
    func callsInPython(_ source: String) { #expect(!ScriptSource.showsNoCall(source, .python)) }

    @Test(
        "a script that calls out, or could, is not",
        arguments: [
            "await this.helpers.httpRequest({url})", "const {helpers} = this; helpers.request()", "fetch (url)",
            "const f = fetch; f(url)", "require('axios')", "await import('node:http')",
            "$http.get(u)", "new Function('x')()", "eval(code)", "[].constructor.constructor('x')()",
            "const t = this; t['hel' + 'pers']", "this['x']()", "\\u0066etch(url)",
            "$getWorkflowStaticData('global').n++", "[]['filter']['constructor']('x')()",
            "const t = `\n// ${fetch(u)}\n`", "/*\n// */ fetch(u)", "// \u{2028}fetch(u)",
            "Array.prototype.map.call(x, f)",
        ])
    func calls(_ source: String) { #expect(!ScriptSource.showsNoCall(source)) }

    @Test(
        "statements are told apart",
        arguments: [
            ("SELECT a, count(*) FROM t WHERE id = {{ $json.id }}", .reading),
            ("SELECT {{ $json.columns }} FROM {{ $json.table }} ORDER BY {{ $json.by }} LIMIT {{ 5 }}", .reading),
            ("SELECT id FROM t_{{ $json.year }} FOR UPDATE SKIP LOCKED", .reading),
            ("SET NOCOUNT ON SELECT id FROM t", .reading), ("USE shop; SELECT 1", .reading),
            ("SELECT TIMESTAMPDIFF(MINUTE, a, NOW()) FROM t WHERE a > now() - make_interval(days => 1)", .reading),
            (#"[{"$match":{"n":{"$gt":1}}},{"$group":{"_id":"$c"}}]"#, .reading), ("=SELECT 1; SHOW tables", .reading),
            ("WITH x AS (SELECT 1) SELECT * FROM x -- DROP\n", .reading), ("{ orders { id } }", .reading),
            ("query Q($id: ID) { order(id: $id) { id } }", .reading), ("SELECT book_order(5)", .single),
            ("SELECT a INTO b FROM c", .single),
            (#"SELECT "createOrder"($1)"#, .single), (#"SELECT * FROM shop."bookOrder"(42)"#, .single),
            ("SELECT `shop`.`book_order`(42)", .single), ("SELECT [dbo].[BookOrder](42)", .single),
            ("SELECT shop.format(42)", .single), ("SELECT fn$(1)", .single), ("SELECT функция(1)", .single),
            ("SELECT TOP 1 id FROM orders ORDER BY id DESC EXECUTE dbo.BookNextOrder", .unseparated),
            ("SET NOCOUNT ON EXEC dbo.BookOrder @id = 42; SELECT 1", .several),
            ("USE shop INSERT INTO orders(id) VALUES (42); SELECT id FROM orders", .single),
            ("SET @x = book_order(42)", .single), ("SELECT NEXT VALUE FOR orders_seq", .single),
            ("SELECT * FROM {{ $json.procedure }}(42)", .unclear), ("SELECT * FROM t {{ $json.clause }}", .unclear),
            ("SELECT {{ $fromAI('columns_and_rest') }}", .unclear),
            ("SELECT a FROM t WHERE {{ $fromAI('w') }}", .unclear),
            ("SELECT a FROM t WHERE n = {{ $fromAI('n') }}", .reading),
            (#"[{"$match":{}},{"$merge":{"into":"totals"}}]"#, .single), (#"[{"$out":"x"}]"#, .single),
            ("INSERT INTO {{ $json.table }} (a) VALUES ({{ $json.a }})", .single),
            ("SELECT 1 # it's\n; DELETE FROM t # '", .unclear), ("SELECT 1--1; DELETE FROM t", .single),
            ("SELECT 1 /*! ; DELETE FROM t */", .unclear), ("SELECT q'[it's]'; DELETE FROM t --'", .unclear),
            (#"SELECT "a\" x "; DELETE FROM t; SELECT "b""#, .unclear),
            ("SET lock_timeout = 3; UPDATE t SET n = 1", .single),
            ("INSERT INTO t(a) VALUES ('x; DELETE')", .single), ("SET STATEMENT a=1 FOR DELETE FROM t", .single),
            ("INSERT INTO t VALUES (1); DELETE FROM u", .several), ("CALL book_one()", .several),
            ("mutation { book(id: 1) { id } }", .several), ("BEGIN; UPDATE t SET n = 1; COMMIT", .unclear),
            ("={{ $json.sql }}", .unclear), ("", .unclear), ("SELECT 'it\\'s", .unclear), ("DO $$ x $$", .unclear),
            ("UPDATE s SET n = n - 1 WHERE id = 5 INSERT INTO log (t) VALUES (NULL)", .unseparated),
            ("INSERT INTO a VALUES (1)\nINSERT INTO a VALUES (2)", .unseparated),
            ("INSERT INTO a EXEC dbo.pay 5", .unseparated), ("DELETE FROM a OUTPUT deleted.n SELECT 1/0", .unseparated),
            ("INSERT INTO a SELECT * FROM b WHERE n IN (SELECT n FROM c)", .single),
            ("INSERT INTO a VALUES (1) ON CONFLICT (n) DO UPDATE SET n = 2", .single),
            ("INSERT INTO a VALUES (1) ON DUPLICATE KEY UPDATE n = 2", .single),
            (
                "MERGE INTO a USING b ON a.n = b.n WHEN MATCHED THEN UPDATE SET n = 1 WHEN NOT MATCHED THEN INSERT (n) VALUES (1)",
                .single
            ),
            ("UPDATE a SET n = (SELECT max(n) FROM b)", .single),
            // What reaches out of the database, or commits by itself, is not rolled back with the statement.
            ("SELECT status FROM http_post('https://a.example', '{}')", .unclear),
            ("SELECT net.http_post(1)", .unclear),
            ("SELECT dblink_exec('c', 'INSERT INTO t VALUES (1)')", .unclear), ("SELECT http_status FROM t", .reading),
            ("COPY t FROM PROGRAM 'curl -X POST a.example'", .unclear), ("COPY t FROM STDIN", .single),
            // SQL Server runs a procedure by its name alone.
            ("dbo.PostOrders 42", .unclear), ("REFRESH MATERIALIZED VIEW v", .single),
        ] as [(String, StatementSource.Kind)])
    func statements(_ source: String, _ kind: StatementSource.Kind) {
        #expect(StatementSource(source).kind == kind, "\(source)")
    }

    @Test("of a source only the flag is kept")
    func notKept() async throws {
        let shape = try #require(RecordedShape.all.first { $0.name == "code-http-then-throw" })
        var scanner = JSONScanner(DetailPlan.program)
        scanner.feed(Array(shape.response.utf8))
        let kept = scanner.finish()
        let tree = try #require(kept)
        #expect(shape.response.contains("httpRequest") && !"\(tree)".contains("httpRequest"))
        #expect(try await !shape.detail().detail.startNode!.assurances.contains(.pureScript))
    }
}
