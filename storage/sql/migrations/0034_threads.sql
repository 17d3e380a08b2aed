-- seen is the number of the newest reply of a thread that a person has read. Of a thread
-- without one nothing was read since the person came into its channel.
CREATE TABLE talk_threads (
    desk_id TEXT   NOT NULL,
    person  TEXT   NOT NULL,
    thread  TEXT   NOT NULL,
    seen    BIGINT NOT NULL,
    PRIMARY KEY (desk_id, person, thread)
) {{clustered}};
-- since is the number of the change by which the person came into the channel.
ALTER TABLE talk_members ADD COLUMN since BIGINT NOT NULL DEFAULT 0;
UPDATE talk_members SET since = seen;
