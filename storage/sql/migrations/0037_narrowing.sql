-- The indexes of lists carry what lists are narrowed down by, so that what does not fit is
-- passed over without its row being read. An assignment knows who created its job for that.
-- What is over is most of a desk: it has an index of its own, which only the end of the work
-- changes. No list begins with a status alone.
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
