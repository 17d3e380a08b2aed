-- line is the JSON of the jobs that one waits for, and that wait for it. due_in is how long
-- after the offer a draft's work has to be done, in nanoseconds as terms_within is.
ALTER TABLE issues ADD COLUMN line TEXT NOT NULL DEFAULT '';
ALTER TABLE assignments ADD COLUMN terms_due_in BIGINT NOT NULL DEFAULT 0;
