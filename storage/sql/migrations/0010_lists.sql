-- What lists are made of is kept beside what it follows from: stage is where a job
-- stands as a whole, the keys are what people filter by, in lower case.
ALTER TABLE issues ADD COLUMN stage TEXT NOT NULL DEFAULT 'new';
ALTER TABLE issues ADD COLUMN topic_key TEXT NOT NULL DEFAULT '';
-- The message a task was made from, for the desk alone.
ALTER TABLE issues ADD COLUMN source_url TEXT NOT NULL DEFAULT '';
ALTER TABLE contractors ADD COLUMN city_key TEXT NOT NULL DEFAULT '';
ALTER TABLE assignments ADD COLUMN number BIGINT NOT NULL DEFAULT 0;
ALTER TABLE assignments ADD COLUMN topic_key TEXT NOT NULL DEFAULT '';
ALTER TABLE assignments ADD COLUMN city_key TEXT NOT NULL DEFAULT '';

UPDATE issues SET topic_key = lower(trim(topic));
UPDATE contractors SET city_key = lower(trim(city));
UPDATE assignments SET
    number = COALESCE((SELECT i.number FROM issues i WHERE i.desk_id = assignments.desk_id AND i.id = assignments.issue_id), 0),
    topic_key = COALESCE((SELECT i.topic_key FROM issues i WHERE i.desk_id = assignments.desk_id AND i.id = assignments.issue_id), ''),
    city_key = COALESCE((SELECT c.city_key FROM contractors c WHERE c.desk_id = assignments.desk_id AND c.id = assignments.contractor_id), '');
UPDATE issues SET stage = CASE
    WHEN status = 'closed' THEN 'closed'
    WHEN status = 'resolved' THEN 'resolved'
    WHEN status = 'allocated_external' THEN 'external'
    WHEN EXISTS (SELECT 1 FROM assignments a WHERE a.desk_id = issues.desk_id AND a.issue_id = issues.id AND a.status = 'waiting_approval') THEN 'approval'
    WHEN EXISTS (SELECT 1 FROM assignments a WHERE a.desk_id = issues.desk_id AND a.issue_id = issues.id AND a.status IN ('accepted', 'in_progress')) THEN 'progress'
    WHEN EXISTS (SELECT 1 FROM assignments a WHERE a.desk_id = issues.desk_id AND a.issue_id = issues.id AND a.status = 'assigned') THEN 'offered'
    WHEN EXISTS (SELECT 1 FROM assignments a WHERE a.desk_id = issues.desk_id AND a.issue_id = issues.id AND a.status = 'declined') THEN 'declined'
    ELSE 'new' END;

-- A page of a list is a stretch of one of these, whatever the size of the desk.
CREATE INDEX issues_stage ON issues (desk_id, stage, number);
CREATE INDEX issues_topic ON issues (desk_id, topic_key, stage, number);
CREATE INDEX issues_made ON issues (desk_id, created_by_id, stage, number);
CREATE INDEX issues_overdue ON issues (desk_id, number) WHERE overdue AND status <> 'closed' AND status <> 'resolved';
CREATE INDEX assignments_status ON assignments (desk_id, status, number);
CREATE INDEX assignments_firm ON assignments (desk_id, contractor_id, status, number, topic_key);
CREATE INDEX assignments_city ON assignments (desk_id, city_key, status, number, topic_key);
CREATE INDEX assignments_in_charge ON assignments (desk_id, in_charge_id, status, number, contractor_id)
    WHERE in_charge_id <> '';

-- The words of people's names, in lower case, to find people by. A name is entered
-- when its profile is looked up the next time.
CREATE TABLE person_words (
    desk_id   TEXT NOT NULL,
    word      TEXT NOT NULL,
    workspace TEXT NOT NULL,
    person    TEXT NOT NULL,
    PRIMARY KEY (desk_id, word, workspace, person)
) {{clustered}};
CREATE INDEX person_words_person ON person_words (desk_id, workspace, person);

-- Who has opened their home lately, what they look at there, and a digest of what was
-- shown last.
CREATE TABLE homes (
    desk_id   TEXT   NOT NULL,
    workspace TEXT   NOT NULL,
    person    TEXT   NOT NULL,
    view      TEXT   NOT NULL,
    shown     TEXT   NOT NULL,
    opened_at BIGINT NOT NULL,
    PRIMARY KEY (desk_id, workspace, person)
) {{clustered}};
CREATE INDEX homes_opened ON homes (desk_id, opened_at);
