# One image for every process: the command says which. Built in two stages, runs as an ordinary user.
FROM node:24-bookworm-slim AS packages
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --omit=optional --ignore-scripts --no-audit --no-fund \
 && npm install --no-save --ignore-scripts --no-audit --no-fund "@swc/core-linux-$(node -p process.arch)-gnu@$(node -p "require('./package.json').dependencies['@swc/core']")"

FROM node:24-bookworm-slim
ENV NODE_ENV=production BIND_ADDRESS=0.0.0.0 DATA_DIR=/data
WORKDIR /app
COPY --from=packages /app/node_modules ./node_modules
COPY package.json tsconfig.json .swcrc ./
COPY kernel ./kernel
COPY schema ./schema
COPY migrations ./migrations
COPY subgraphs ./subgraphs
COPY gateway ./gateway
RUN mkdir /data && chown node:node /data
USER node
VOLUME /data
ENTRYPOINT ["node", "kernel/run.js"]
CMD ["gateway/main.ts"]
