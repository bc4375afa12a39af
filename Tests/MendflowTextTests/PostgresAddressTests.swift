import MendflowText
import Testing

@Suite("The address of a ledger on PostgreSQL")
struct PostgresAddressTests {
    @Test(
        "is read, and shown without what is behind the question mark",
        arguments: [
            ("postgres://me@db.example.com/ledger", "postgres://me@db.example.com/ledger", "verify-full"),
            ("postgresql://me@db:5433/ledger?sslmode=require", "postgres://me@db:5433/ledger", "require"),
            ("postgres://db1,db2:6432/a%20b?connect_timeout=3", "postgres://db1,db2:6432/a%20b", "verify-full"),
            ("postgres://localhost/ledger", "postgres://localhost/ledger", "prefer"),
            ("postgres://me@[::1]:5433/ledger", "postgres://me@[::1]:5433/ledger", "prefer"),
            ("postgres:///ledger", "postgres://%2Fvar%2Frun%2Fpostgresql/ledger", "prefer"),
            ("postgres:///ledger?host=%2Ftmp%2Fs", "postgres://%2Ftmp%2Fs/ledger", "prefer"),
            ("postgres://localhost,db/ledger", "postgres://localhost,db/ledger", "verify-full"),
            ("postgres://localhost/x?sslrootcert=ca.pem", "postgres://localhost/x", "verify-full"),
            ("postgres://localhost/x?sslrootcert=ca.pem&sslmode=require", "postgres://localhost/x", "require"),
            ("postgres://me@:5433/x?host=%2Ftmp%2Fs", "postgres://me@%2Ftmp%2Fs:5433/x", "prefer"),
            ("postgres://:5433/x", "postgres://%2Fvar%2Frun%2Fpostgresql:5433/x", "prefer"),
        ])
    func read(text: String, shown: String, mode: String) throws {
        let address = try PostgresAddress(text)
        #expect(address.description == shown && address.sslMode == mode)
        #expect(try PostgresAddress(shown).hosts == address.hosts)
    }

    @Test(
        "says what is wrong with it, and what was probably meant",
        arguments: [
            ("mysql://db/x", "begins with postgres://"), ("postgres://db", "names no database"),
            ("postgres://db/", "names no database"), ("postgres://db/a/b", "names no database"),
            ("postgres://@db/x", "user before the @"), ("postgres://a,,b/x", "empty host"),
            ("postgres://db:0/x", "no port from 1 to 65535"), ("postgres://db:99999/x", "no port from 1 to 65535"),
            ("postgres://[::1]x/y", "is no port"), ("postgres://db/x#y", "other characters"),
            ("postgres://db/a b", "other characters"), ("postgres://db/%zz", "names no database"),
            ("postgres://db/x?sslmod=require", "did you mean 'sslmode'"),
            ("postgres://db/x?sslmode=verify_ful", "did you mean 'verify-full'"),
            ("postgres://db/x?options=-c", "there are sslmode, "), ("postgres://db/x?sslmode", "has no value"),
            ("postgres://db/x?sslmode=require&sslmode=require", "there twice"),
            ("postgres://db/x?connect_timeout=0", "from 1 to 60"), ("postgres://db/x?host=other", "names a host twice"),
            ("mysql://db/x", "not with mysql://; a file is named by its path"),
            ("postgres://localhost/x?sslrootcert=a&sslmode=prefer", "judges nothing with sslmode=prefer"),
            ("postgres:///x?sslrootcert=a", "no TLS over a socket"),
        ])
    func faults(text: String, words: String) {
        #expect {
            try PostgresAddress(text)
        } throws: {
            "\($0)".contains(words)
        }
    }

    @Test(
        "holds no password: that is told without it",
        arguments: [
            "postgres://me:hunter2@db/x", "postgres://me:@db/x", "postgres://me@db/x?password=hunter2",
            "postgres://me@db/x?sslpassword=hunter2", "postgres://me:hunter2@more@db/x",
        ])
    func passwords(text: String) {
        #expect {
            try PostgresAddress(text)
        } throws: { error in
            let fault = error as? PostgresAddress.Fault
            return fault?.holdsPassword == true && fault?.description.contains("PGPASSWORD") == true
                && fault?.description.contains("hunter2") == false
        }
    }

    @Test("is meant by whatever begins with a scheme, and by no path of a file")
    func meant() {
        for text in ["postgres://x", "POSTGRESQL://x", "mysql://me:secret@db/x", "sqlite:///x"] {
            #expect(PostgresAddress.isMeant(by: text))
        }
        for text in ["mendflow.sqlite", "/var/lib/a://b", "./postgres://x", "://x", "my ledger://x", "C:/x"] {
            #expect(!PostgresAddress.isMeant(by: text))
        }
        #expect { try PostgresAddress("mysql://me:hunter2@db/x") } throws: { !"\($0)".contains("hunter2") }
    }

    @Test("whether it is checked that the server is the right one")
    func checked() throws {
        for (text, isChecked) in [
            ("postgres://db/x", true), ("postgres://db/x?sslmode=require", false), ("postgres://127.0.0.1/x", true),
        ] { #expect(try PostgresAddress(text).isChecked == isChecked) }
    }
}
