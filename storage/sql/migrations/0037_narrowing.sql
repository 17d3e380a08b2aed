-- The indexes of lists carry what lists are narrowed down by, so that what does not fit is
-- passed over without its row being read. An assignment knows who created its job for that.
-- What is over is most of a desk and never changes: it has indexes of its own, which no click
-- has to change. No list begins with a status alone.
DROP INDEX assignments_status;
DROP INDEX assignments_firm;
DROP INDEX assignments_city;
DROP INDEX assignments_in_charge;
ALTER TABLE assignments ADD COLUMN created_by_id TEXT NOT NULL DEFAULT '';
UPDATE assignments SET
    created_by_id = COALESCE((SELECT i.created_by_id FROM issues i WHERE i.desk_id = assignments.desk_id AND i.id = assignments.issue_id), '');
CREATE INDEX assignments_firm ON assignments (desk_id, contractor_id, status, number, topic_key, created_by_id);
CREATE INDEX assignments_city ON assignments (desk_id, city_key, status, number, topic_key, created_by_id);
CREATE INDEX assignments_city_done ON assignments (desk_id, city_key, topic_key, number, created_by_id) WHERE status = 'complete';
CREATE INDEX assignments_in_charge ON assignments (desk_id, in_charge_id, status, number, topic_key, contractor_id, city_key)
    WHERE in_charge_id <> '';

DROP INDEX issues_open;
DROP INDEX issues_made;
DROP INDEX issues_overdue;
DROP INDEX issues_breached;
CREATE INDEX issues_made ON issues (desk_id, created_by_id, stage, number, topic_key);
CREATE INDEX issues_made_closed ON issues (desk_id, created_by_id, topic_key, number) WHERE stage = 'closed';
CREATE INDEX issues_overdue ON issues (desk_id, number, topic_key, created_by_id, stage)
    WHERE overdue AND status <> 'closed' AND status <> 'resolved';
CREATE INDEX issues_breached ON issues (desk_id, number, topic_key, created_by_id, stage) WHERE breached;
