-- request is what a firm at work asks the desk to approve, with what came of it.
ALTER TABLE assignments ADD COLUMN request TEXT NOT NULL DEFAULT '';

-- Of an issue it is why it needs an approval before it is offered.
ALTER TABLE issues ADD COLUMN request TEXT NOT NULL DEFAULT '';
