# Builds the program with the Swift toolchain and ships it with the C libraries that it needs, and nothing else.
FROM swift:6.3-bookworm AS build
WORKDIR /src
COPY scripts/setup scripts/setup
RUN scripts/setup
COPY Package.swift ./
COPY Sources Sources
COPY Tests Tests
RUN swift build -c release --static-swift-stdlib --product mendflow -Xlinker -s \
    && install -D .build/release/mendflow /out/mendflow

FROM debian:bookworm-slim
RUN apt-get update \
    && apt-get install -y --no-install-recommends \
        libyaml-0-2 libsqlite3-0 libcurl4 libmicrohttpd12 libssl3 libre2-9 zlib1g tzdata ca-certificates \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --create-home --home-dir /var/lib/mendflow mendflow
COPY --from=build /out/mendflow /usr/local/bin/mendflow
USER mendflow
WORKDIR /var/lib/mendflow
ENV MENDFLOW_CONFIG=/etc/mendflow/mendflow.yaml
ENTRYPOINT ["mendflow"]
CMD ["run"]
