-- A lease is held by one replica at a time. until is by the database's clock; the
-- row stays when a lease ends, so that its token goes on growing.
CREATE TABLE leases (
    name   TEXT   NOT NULL PRIMARY KEY,
    holder TEXT   NOT NULL,
    token  BIGINT NOT NULL,
    until  BIGINT NOT NULL
);

-- access grows with every change of who may do what: who is in a channel, and what
-- a channel is for. rosters tells at which of its values a channel's members changed, and when a platform
-- was last asked for all of them.
ALTER TABLE desks ADD COLUMN access BIGINT NOT NULL DEFAULT 1;

CREATE TABLE rosters (
    desk_id   TEXT   NOT NULL,
    workspace TEXT   NOT NULL,
    channel   TEXT   NOT NULL,
    access    BIGINT NOT NULL,
    asked_at  BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (desk_id, workspace, channel)
) {{clustered}};
CREATE INDEX rosters_access ON rosters (desk_id, access);

-- Each workspace is served for itself, so that a long queue of one is nothing that
-- another's claims have to pass over.
DROP INDEX lanes_ready;
CREATE INDEX lanes_ready ON lanes (workspace, ready_at, turn) WHERE ready_at IS NOT NULL AND NOT parked;
