-- The certificates of firms that somebody of the desk has checked. The last day is text
-- like 2006-01-02, empty where there is no end; tell_at is when the desk is next told.
CREATE TABLE certificates (
    desk_id         TEXT   NOT NULL,
    id              TEXT   NOT NULL,
    contractor_id   TEXT   NOT NULL,
    name            TEXT   NOT NULL,
    last_day        TEXT   NOT NULL,
    reference       TEXT   NOT NULL,
    checked_by_id   TEXT   NOT NULL,
    checked_by_name TEXT   NOT NULL,
    checked_at      BIGINT NOT NULL,
    tell_at         BIGINT NOT NULL,
    PRIMARY KEY (desk_id, id)
);
CREATE INDEX certificates_contractor ON certificates (desk_id, contractor_id);
CREATE INDEX certificates_tell ON certificates (tell_at) WHERE tell_at > 0;
