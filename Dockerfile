# Causeway's image, built from source alone: one static binary on an empty base.
#   docker build --build-arg VERSION="$(git describe --tags --always)" -t causeway .
# Dockerfile.binary makes the same image from a binary that is there already; `make check` compares the two.

FROM node:20-bookworm-slim AS assets
WORKDIR /src
COPY package.json package-lock.json .npmrc ./
RUN npm ci
# Tailwind keeps the classes that it finds in templates and view code.
COPY views ./views
RUN npm run build

FROM golang:1.26.8-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
COPY --from=assets /src/views/assets/dist ./views/assets/dist
ARG VERSION=unknown
RUN CGO_ENABLED=0 go build -trimpath -ldflags "-s -w -X main.version=${VERSION}" -o /image/causeway ./cmd/causeway \
 && cp /etc/ssl/certs/ca-certificates.crt /image/ \
 && mkdir /image/data

FROM scratch
COPY --from=build /image/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build --chown=65532:65532 /image/data /data
COPY --from=build /image/causeway /causeway
# --- runtime: the same in Dockerfile and Dockerfile.binary ---
# Nobody's id on the host; files mounted as secrets must be readable by it.
USER 65532:65532
# Only what has no database of its own writes here; a server and workers on Postgres keep nothing.
ENV CAUSEWAY_DATA_DIR=/data
WORKDIR /data
# The dashboard's port; a worker's health is asked for in docker-compose.yml.
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s --retries=4 \
  CMD ["/causeway", "healthcheck", "http://127.0.0.1:8080/readyz"]
ENTRYPOINT ["/causeway"]
CMD ["server"]
