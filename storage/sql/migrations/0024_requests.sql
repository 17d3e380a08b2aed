-- request is what a firm at work asks the desk to approve, with what came of it.
ALTER TABLE assignments ADD COLUMN request TEXT NOT NULL DEFAULT '';
