-- The channel on a person's own platform in which they act for a firm, for who came into
-- the browser from there.
ALTER TABLE talk_links ADD COLUMN place TEXT NOT NULL DEFAULT '';
ALTER TABLE talk_sessions ADD COLUMN place TEXT NOT NULL DEFAULT '';
