# Builds the program with the Swift toolchain and ships it with the C libraries that it needs, and nothing else.
#   docker build --build-arg BUILD="$(git log -1 --format='%h %cs')" -t mendflow .
FROM swift:6.3-bookworm AS build
WORKDIR /src
COPY scripts/setup scripts/setup
RUN scripts/setup
COPY Package.swift ./
COPY Sources Sources
COPY Tests Tests
# The commit and the day, for `--version`.
ARG BUILD=
RUN MENDFLOW_BUILD="$BUILD" swift build -c release --static-swift-stdlib --product mendflow -Xlinker -s \
    && install -D .build/release/mendflow /out/mendflow

FROM debian:bookworm-slim
LABEL org.opencontainers.image.title="mendflow" \
    org.opencontainers.image.description="heals failed n8n workflows by rules that you write down" \
    org.opencontainers.image.licenses="Apache-2.0"
COPY packaging/libraries /tmp/libraries
RUN apt-get update \
    && xargs apt-get install -y --no-install-recommends </tmp/libraries \
    && rm -rf /var/lib/apt/lists/* /tmp/libraries \
    && useradd --system --uid 10001 --create-home --home-dir /var/lib/mendflow mendflow
COPY --from=build /out/mendflow /usr/local/bin/mendflow
COPY policies /usr/share/mendflow/policies
USER 10001
WORKDIR /var/lib/mendflow
# The ledger: without it nobody knows what was sent already.
VOLUME /var/lib/mendflow
ENV MENDFLOW_CONFIG=/etc/mendflow/mendflow.yaml
# 64: the configuration has no `service`, so nobody can be asked.
HEALTHCHECK --interval=60s --timeout=10s --start-period=30s CMD ["sh", "-c", "mendflow health || [ $? -eq 64 ]"]
ENTRYPOINT ["mendflow"]
CMD ["run"]
