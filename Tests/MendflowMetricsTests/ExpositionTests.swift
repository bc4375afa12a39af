import MendflowCore
import MendflowTestKit
import Testing

@testable import MendflowMetrics

@Suite("Metrics as they are scraped")
struct ExpositionTests {
    static let created = AgentTime(milliseconds: 1_793_606_400_500)
    static let counter = MetricFamily("a_requests", .counter, nil, ["who", "kind"], "Requests \\ of\nall.")
    static let gauge = MetricFamily("a_size_bytes", .gauge, .bytes, [], "A \"size\".")
    static let histogram = MetricFamily("a_wait_seconds", .histogram, .seconds, ["who"], "Waits.")
    static let info = MetricFamily("a_build", .info, nil, ["version"], "Which.")

    static var metrics: [Metric] {
        var requests = Metric(counter)
        requests.add(["a \"b\"\\c\nd", "x"], 3)
        requests.add(["e", "y"], 0.5)
        var waits = Metric(histogram)
        waits.points = [
            .init(labels: ["e"], value: .distribution(bounds: [0.25, 1], counts: [2, 0, 1], sum: 7.5))
        ]
        var build = Metric(info)
        build.add(["1.0"], 1)
        return [
            requests, Metric(gauge, 12_345_678_901), waits, build,
            Metric(MetricFamily("a_b", .gauge, nil, [], "None.")),
        ]
    }

    @Test("in Prometheus' text: totals in the names, cumulative buckets, texts escaped, nothing of what has no number")
    func prometheus() {
        #expect(
            Exposition.text(Self.metrics, .prometheus, created: Self.created) == """
                # HELP a_requests_total Requests \\\\ of\\nall.
                # TYPE a_requests_total counter
                a_requests_total{who="a \\"b\\"\\\\c\\nd",kind="x"} 3
                a_requests_total{who="e",kind="y"} 0.5
                # HELP a_size_bytes A "size".
                # TYPE a_size_bytes gauge
                a_size_bytes 12345678901
                # HELP a_wait_seconds Waits.
                # TYPE a_wait_seconds histogram
                a_wait_seconds_bucket{who="e",le="0.25"} 2
                a_wait_seconds_bucket{who="e",le="1.0"} 2
                a_wait_seconds_bucket{who="e",le="+Inf"} 3
                a_wait_seconds_count{who="e"} 3
                a_wait_seconds_sum{who="e"} 7.5
                # HELP a_build_info Which.
                # TYPE a_build_info gauge
                a_build_info{version="1.0"} 1

                """)
    }

    @Test("in OpenMetrics: families without endings, units, when counting began, and an end")
    func openMetrics() {
        #expect(
            Exposition.text(Self.metrics, .openMetrics, created: Self.created) == """
                # HELP a_requests Requests \\\\ of\\nall.
                # TYPE a_requests counter
                a_requests_total{who="a \\"b\\"\\\\c\\nd",kind="x"} 3
                a_requests_created{who="a \\"b\\"\\\\c\\nd",kind="x"} 1793606400.5
                a_requests_total{who="e",kind="y"} 0.5
                a_requests_created{who="e",kind="y"} 1793606400.5
                # HELP a_size_bytes A \\"size\\".
                # TYPE a_size_bytes gauge
                # UNIT a_size_bytes bytes
                a_size_bytes 12345678901
                # HELP a_wait_seconds Waits.
                # TYPE a_wait_seconds histogram
                # UNIT a_wait_seconds seconds
                a_wait_seconds_bucket{who="e",le="0.25"} 2
                a_wait_seconds_bucket{who="e",le="1.0"} 2
                a_wait_seconds_bucket{who="e",le="+Inf"} 3
                a_wait_seconds_count{who="e"} 3
                a_wait_seconds_sum{who="e"} 7.5
                a_wait_seconds_created{who="e"} 1793606400.5
                # HELP a_build Which.
                # TYPE a_build info
                a_build_info{version="1.0"} 1
                # EOF

                """)
    }

    @Test(
        "in the format that the scraper prefers",
        arguments: [
            (nil, .prometheus), ("", .prometheus), ("text/plain", .prometheus), ("*/*", .prometheus),
            ("application/openmetrics-text", .openMetrics),
            (
                "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
                .openMetrics
            ),
            ("application/openmetrics-text;q=0.5, text/plain;q=0.9", .prometheus), ("text/html", .prometheus),
        ] as [(String?, Exposition.Format)])
    func negotiation(accept: String?, format: Exposition.Format) {
        #expect(Exposition.Format(accept: accept) == format)
    }

    @Test("numbers are whole where they are, and never in a form that nobody reads")
    func numbers() {
        let numbers: [Double] = [0, -1, 0.05, 1e15, 1.5e300, .infinity, -.infinity, .nan]
        #expect(
            numbers.map { Exposition.number($0) }
                == ["0", "-1", "0.05", "1000000000000000", "1.5e+300", "+Inf", "-Inf", "NaN"])
    }
}
