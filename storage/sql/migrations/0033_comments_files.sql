-- The comments of an issue that list files, which are few: its page shows them, and work
-- with evidence counts them.
CREATE INDEX comments_files ON comments (desk_id, issue_id, created_at, id) WHERE files <> '';
