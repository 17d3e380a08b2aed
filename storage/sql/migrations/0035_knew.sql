-- knew is how the job's details were when the firm lost it, of those that changed since.
ALTER TABLE assignments ADD COLUMN knew TEXT NOT NULL DEFAULT '';
