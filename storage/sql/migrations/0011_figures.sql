-- How things stand, counted: one row for each firm and, without a contractor, one for
-- the desk. A status that has no column here is counted in tallies, on day 0.
CREATE TABLE standings (
    desk_id                     TEXT   NOT NULL,
    contractor_id               TEXT   NOT NULL,
    overdue                     BIGINT NOT NULL,
    issue_reported              BIGINT NOT NULL,
    issue_allocated             BIGINT NOT NULL,
    issue_allocated_external    BIGINT NOT NULL,
    issue_resolved              BIGINT NOT NULL,
    issue_closed                BIGINT NOT NULL,
    lies_nobody                 BIGINT NOT NULL,
    lies_operator               BIGINT NOT NULL,
    lies_contractor             BIGINT NOT NULL,
    lies_both                   BIGINT NOT NULL,
    assignment_unsent           BIGINT NOT NULL,
    assignment_assigned         BIGINT NOT NULL,
    assignment_accepted         BIGINT NOT NULL,
    assignment_in_progress      BIGINT NOT NULL,
    assignment_waiting_approval BIGINT NOT NULL,
    assignment_complete         BIGINT NOT NULL,
    assignment_declined         BIGINT NOT NULL,
    assignment_canceled         BIGINT NOT NULL,
    PRIMARY KEY (desk_id, contractor_id)
) {{clustered}};

-- What happened on each day, counted by name. A day is the number of days since 1970
-- in the desk's own zone; less than 0 is a week, which only the desk's own rows have.
CREATE TABLE tallies (
    desk_id       TEXT   NOT NULL,
    contractor_id TEXT   NOT NULL,
    day           BIGINT NOT NULL,
    name          TEXT   NOT NULL,
    n             BIGINT NOT NULL,
    PRIMARY KEY (desk_id, contractor_id, day, name)
) {{clustered}};

-- When the next summary is due, by the kind of summary.
CREATE TABLE digests (
    desk_id TEXT   NOT NULL,
    kind    TEXT   NOT NULL,
    next_at BIGINT NOT NULL,
    PRIMARY KEY (desk_id, kind)
) {{clustered}};
CREATE INDEX digests_next ON digests (next_at) WHERE next_at > 0;

ALTER TABLE assignments ADD COLUMN send_backs    BIGINT  NOT NULL DEFAULT 0;
ALTER TABLE assignments ADD COLUMN sent_back_at  BIGINT  NOT NULL DEFAULT 0;
ALTER TABLE assignments ADD COLUMN rating_stars  BIGINT  NOT NULL DEFAULT 0;
ALTER TABLE assignments ADD COLUMN rating_text   TEXT    NOT NULL DEFAULT '';
ALTER TABLE assignments ADD COLUMN rating_shared BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE assignments ADD COLUMN rated_at      BIGINT  NOT NULL DEFAULT 0;
ALTER TABLE assignments ADD COLUMN rated_by_id   TEXT    NOT NULL DEFAULT '';
ALTER TABLE assignments ADD COLUMN rated_by_name TEXT    NOT NULL DEFAULT '';
ALTER TABLE assignments ADD COLUMN rating_asked  BOOLEAN NOT NULL DEFAULT FALSE;
