-- trace is the id under which the log tells of a delivery's whole way.
ALTER TABLE deliveries ADD COLUMN trace TEXT NOT NULL DEFAULT '';

-- A lane that is tried again after it was parked keeps parked_at until something
-- gets through, so that nobody is told twice of one failure.
CREATE INDEX lanes_parked ON lanes (parked_at) WHERE parked_at > 0;

-- Kept inbounds are forgotten by age.
CREATE INDEX kept_at ON kept (at);
