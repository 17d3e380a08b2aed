-- granted is what was approved on top while no sum was agreed that it could raise.
ALTER TABLE assignments ADD COLUMN granted TEXT NOT NULL DEFAULT '';
