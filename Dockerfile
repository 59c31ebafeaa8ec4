# syntax=docker/dockerfile:1

# Build: docker build --build-arg BUILD_ID="$(git rev-parse HEAD)" --tag rollcall .
# Two builds of one release (one per region, say) also need the same key of server actions:
#   --secret id=server_actions_key,env=NEXT_SERVER_ACTIONS_ENCRYPTION_KEY   (openssl rand -base64 32)
# docs/production.md describes the roles. Pin both images by digest where your registry mirrors them.

FROM node:24-bookworm-slim AS dependencies
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
COPY dev/local-clerk/package.json dev/local-clerk/package.json
# Without the scripts of packages: they fetch browsers and servers for tests, which the build does not need.
RUN --mount=type=cache,target=/root/.npm \
    npm ci --include=dev --ignore-scripts --no-audit --no-fund

FROM dependencies AS build
ARG BUILD_ID=""
ENV BUILD_ID=$BUILD_ID NEXT_TELEMETRY_DISABLED=1
COPY . .
RUN --mount=type=cache,target=/build/.next/cache \
    --mount=type=secret,id=server_actions_key,env=NEXT_SERVER_ACTIONS_ENCRYPTION_KEY \
    npm run build

# PgBouncer for compose.yaml. A managed Postgres usually has a pooler of its own.
FROM debian:bookworm-slim AS pgbouncer
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends pgbouncer \
    && rm -rf /var/lib/apt/lists/*
COPY ops/pgbouncer.ini /etc/pgbouncer/pgbouncer.ini
USER postgres
EXPOSE 6432
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s CMD ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/6432"]
# The root file system may be read-only, and PgBouncer reads its users from a file only.
CMD ["bash", "-c", "umask 077; printf '\"%s\" \"%s\"\\n' \"$POSTGRES_USER\" \"$POSTGRES_PASSWORD\" > /tmp/users.txt && exec pgbouncer /etc/pgbouncer/pgbouncer.ini"]

# The image: one folder for every role. The default target, so it comes last.
FROM node:24-bookworm-slim AS rollcall
WORKDIR /app
# Files belong to root, and the roles run as the user node: no role can change its own program.
COPY --from=build /build/.next/standalone ./
ENV NODE_ENV=production
USER node
EXPOSE 3000 3001 3002
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s CMD ["node", "rollcall.mjs", "probe"]
ENTRYPOINT ["node", "rollcall.mjs"]
CMD ["web"]
