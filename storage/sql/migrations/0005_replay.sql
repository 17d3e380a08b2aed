-- How often events of a channel may have been lost; the row without a channel
-- counts for all channels of its workspace.
CREATE TABLE gaps (
    desk_id   TEXT   NOT NULL,
    workspace TEXT   NOT NULL,
    channel   TEXT   NOT NULL,
    number    BIGINT NOT NULL,
    PRIMARY KEY (desk_id, workspace, channel)
) {{clustered}};

-- How far each thread was compared with its platform's history: it is complete
-- while gap is the number of its channel's gaps.
CREATE TABLE thread_marks (
    desk_id   TEXT   NOT NULL,
    workspace TEXT   NOT NULL,
    channel   TEXT   NOT NULL,
    thread    TEXT   NOT NULL,
    gap       BIGINT NOT NULL,
    read_at   BIGINT NOT NULL,
    replies   BIGINT NOT NULL,
    latest    TEXT   NOT NULL,
    found_at  BIGINT NOT NULL,
    PRIMARY KEY (desk_id, workspace, channel, thread)
) {{clustered}};

-- What was closed a short while ago is compared once more.
CREATE INDEX issues_closed ON issues (desk_id, closed_at) WHERE closed_at > 0;
