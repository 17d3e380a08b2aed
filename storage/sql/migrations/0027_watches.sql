-- Who of the desk watches which job, and up to which line of its history they were told.
-- What has happened since is found from here: nothing is written when it happens.
CREATE TABLE watches (
    desk_id  TEXT   NOT NULL,
    person   TEXT   NOT NULL,
    number   BIGINT NOT NULL,
    issue_id TEXT   NOT NULL,
    told_seq BIGINT NOT NULL,
    PRIMARY KEY (desk_id, person, number)
) {{clustered}};
