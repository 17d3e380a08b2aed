-- terms_within is in nanoseconds, as durations are in the program. was and counter
-- hold JSON: the terms before they last changed, and what the firm suggests instead.
ALTER TABLE assignments ADD COLUMN terms_within BIGINT NOT NULL DEFAULT 0;
ALTER TABLE assignments ADD COLUMN terms_due BIGINT NOT NULL DEFAULT 0;
ALTER TABLE assignments ADD COLUMN terms_price TEXT NOT NULL DEFAULT '';
ALTER TABLE assignments ADD COLUMN terms_limit TEXT NOT NULL DEFAULT '';
ALTER TABLE assignments ADD COLUMN was_terms TEXT NOT NULL DEFAULT '';
ALTER TABLE assignments ADD COLUMN counter_offer TEXT NOT NULL DEFAULT '';

-- chain is the JSON of the firms that are asked next.
ALTER TABLE issues ADD COLUMN chain TEXT NOT NULL DEFAULT '';

-- topics is the JSON list of what a firm does, in lower case.
ALTER TABLE contractors ADD COLUMN topics TEXT NOT NULL DEFAULT '';
