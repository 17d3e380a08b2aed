-- What waits to be shown in a thread together with whatever else is said there
-- meanwhile, where a platform shows many things at once. seq is their order.
CREATE TABLE gathered (
    seq       {{autoincrement}},
    desk_id   TEXT NOT NULL,
    workspace TEXT NOT NULL,
    channel   TEXT NOT NULL,
    thread    TEXT NOT NULL,
    message   TEXT NOT NULL,
    body      BYTEA,
    UNIQUE (desk_id, workspace, channel, message)
);
CREATE INDEX gathered_thread ON gathered (desk_id, workspace, channel, thread, seq);

-- What was last shown of the card that a thread hangs on, as a digest.
CREATE TABLE shown_cards (
    desk_id   TEXT NOT NULL,
    workspace TEXT NOT NULL,
    channel   TEXT NOT NULL,
    thread    TEXT NOT NULL,
    shown     TEXT NOT NULL,
    PRIMARY KEY (desk_id, workspace, channel, thread)
) {{clustered}};

-- The pages on which customers see how a job stands. A link is good while its row is
-- there.
CREATE TABLE status_links (
    desk_id    TEXT   NOT NULL,
    id         TEXT   NOT NULL,
    issue_id   TEXT   NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (desk_id, id)
) {{clustered}};
CREATE UNIQUE INDEX status_links_issue ON status_links (desk_id, issue_id);
