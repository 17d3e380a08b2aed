-- Who is or should be in a firm's channels, as the desk wants it and last saw it.
CREATE TABLE firm_people (
    desk_id       TEXT    NOT NULL,
    id            TEXT    NOT NULL,
    contractor_id TEXT    NOT NULL,
    workspace     TEXT    NOT NULL,
    person        TEXT    NOT NULL,
    address       TEXT    NOT NULL,
    name          TEXT    NOT NULL,
    role          TEXT    NOT NULL,
    standing      TEXT    NOT NULL,
    present       BOOLEAN NOT NULL,
    at            BIGINT  NOT NULL,
    PRIMARY KEY (desk_id, id)
);
CREATE INDEX firm_people_contractor ON firm_people (desk_id, contractor_id);

-- Whether another company reads a channel, as last seen: one of a firm that nobody
-- shares any more has lost the firm.
ALTER TABLE channels ADD COLUMN shared BOOLEAN NOT NULL DEFAULT FALSE;
