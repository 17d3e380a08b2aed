# The program and nothing else, run by a user who owns nothing but /data.
FROM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN CGO_ENABLED=0 go build -trimpath -o /taskbridge ./cmd/taskbridge && mkdir /data

FROM gcr.io/distroless/static-debian12:nonroot
COPY --from=build /taskbridge /usr/local/bin/taskbridge
COPY --from=build --chown=nonroot:nonroot /data /data
ENV TASKBRIDGE_LISTEN=0.0.0.0:8080 \
    TASKBRIDGE_DATABASE_URL=sqlite:/data/taskbridge.db
VOLUME /data
EXPOSE 8080
ENTRYPOINT ["/usr/local/bin/taskbridge"]
CMD ["serve"]
