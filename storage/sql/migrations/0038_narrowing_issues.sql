-- The same for issues, apart from the one before: whoever reads an issue and then its
-- assignments must never wait for somebody who has locked both tables the other way round.
DROP INDEX issues_open;
DROP INDEX issues_made;
DROP INDEX issues_overdue;
DROP INDEX issues_breached;
CREATE INDEX issues_made ON issues (desk_id, created_by_id, stage, number, topic_key);
CREATE INDEX issues_made_closed ON issues (desk_id, created_by_id, topic_key, number) WHERE stage = 'closed';
CREATE INDEX issues_overdue ON issues (desk_id, number, topic_key, created_by_id, stage)
    WHERE overdue AND status <> 'closed' AND status <> 'resolved';
CREATE INDEX issues_breached ON issues (desk_id, number, topic_key, created_by_id, stage) WHERE breached;
