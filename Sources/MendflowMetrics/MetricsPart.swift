import MendflowCore
public import MendflowHTTP
public import MendflowService

/// `/metrics`
public struct MetricsPart: ServicePart {
    private let source: MetricsSource

    /// Serves what a source gathers.
    public init(_ source: MetricsSource) { self.source = source }

    /// The metrics, in the format that the scraper prefers.
    public func answer(_ request: ServiceRequest) async -> HTTPResponse? {
        guard request.path == ["metrics"] else { return nil }
        guard request.reads else { return .notAllowed(only: "GET, HEAD") }
        let format = Exposition.Format(accept: request.http.headers["accept"])
        let text = Exposition.text(await source.metrics(), format, created: await source.created)
        return HTTPResponse(status: 200, headers: ["Content-Type": format.contentType], body: Array(text.utf8))
    }
}
