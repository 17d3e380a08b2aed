-- The language that a person reads the platform in, as last seen.
ALTER TABLE people ADD COLUMN locale TEXT NOT NULL DEFAULT '';
