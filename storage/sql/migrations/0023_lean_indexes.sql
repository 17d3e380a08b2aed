-- Each index that a reply or a click has to change costs it pages of the log.
-- assignments_firm begins with the same columns.
DROP INDEX assignments_contractor;
-- A reply is found by the issue of the card that its thread hangs on, unless it has none.
DROP INDEX comments_thread;
CREATE INDEX comments_stray ON comments (desk_id, workspace, channel, thread) WHERE issue_id = '' AND thread <> '';
