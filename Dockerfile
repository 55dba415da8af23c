# SPDX-License-Identifier: Apache-2.0
# The image of `npm run pack`, for those who have BuildKit:
#   docker build --build-arg SOURCE_DATE_EPOCH="$(git log -1 --format=%ct)" --tag localhost/rtctl .
FROM --platform=$BUILDPLATFORM node:24-trixie-slim AS build
WORKDIR /src
COPY . .
RUN npm ci
ARG TARGETARCH
ARG SOURCE_DATE_EPOCH=0
RUN node_modules/.bin/node scripts/pack/image/write-root.ts "$TARGETARCH" /image

FROM scratch
COPY --from=build /image /
USER 65532:65532
ENTRYPOINT ["/opt/rtctl/lib/node", "/opt/rtctl/bin/run.js"]
CMD ["--help"]
