-- What concerns the desk itself, such as a change of its settings, is listed by kind.
CREATE INDEX events_desk ON events (desk_id, kind, seq) WHERE issue_id = '';

-- When a firm works, in a form of the bot's own; empty for when its desk does.
ALTER TABLE contractors ADD COLUMN calendar TEXT NOT NULL DEFAULT '';

-- The IANA name of somebody's time zone.
ALTER TABLE people ADD COLUMN zone TEXT NOT NULL DEFAULT '';
