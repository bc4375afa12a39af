import MendflowCore
import MendflowHTTP
import MendflowService

extension FuzzTarget {
    /// Requests to the agent's service: a line with the address, one with a session, and the form that is sent.
    static let request = FuzzTarget("request", seeds: ["Tests/Fixtures/fuzz/request"]) { bytes throws(BrokenPromise) in
        let lines = bytes.split(separator: 0x0A, maxSplits: 2, omittingEmptySubsequences: false)
        let session = lines.count > 1 ? Array(lines[1]).text : ""
        try promise(token.user(of: session, at: AgentTime(milliseconds: 0)) == nil, "nobody makes a session of ours")
        let http = HTTPRequest(
            .post, lines.first.map { Array($0).text } ?? "",
            headers: ["Content-Type": "application/x-www-form-urlencoded"],
            body: lines.count > 2 ? Array(lines[2]) : nil)
        guard let read = ServiceRequest(decoding: http) else { return }
        try promise(read.asker == .anonymous && !read.mayRead, "who asks is not for the request to say")
        let fields = read.query.fields + read.form.fields
        try promise(fields.count + read.path.count <= bytes.count, "a part or a field has bytes of its own")
        try promise(!read.path.contains(""), "no part of a path is empty")
        let again = ServiceRequest(decoding: HTTPRequest(.post, address(read)))
        try promise(
            again.map { $0.path.map(\.utf8.count) } == read.path.map(\.utf8.count), "a path reads back the same")
        try promise(again?.path == read.path && again?.query == read.query, "an address reads back the same")
    }

    private static let token = ServiceToken("a-token-that-nobody-guesses")

    /// The address of a request, as we would write it.
    private static func address(_ request: ServiceRequest) -> String {
        let pairs = request.query.fields.map { PercentText.encoded($0.name) + "=" + PercentText.encoded($0.value) }
        return "/" + request.path.map(PercentText.encoded).joined(separator: "/") + "?" + pairs.joined(separator: "&")
    }
}
