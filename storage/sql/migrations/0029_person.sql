-- What the customer says to the time of a planned visit; a document, as counter_offer is.
ALTER TABLE assignments ADD COLUMN consent TEXT NOT NULL DEFAULT '';
-- Where the link to how a job stands was sent, so that its customer is told of a visit.
ALTER TABLE status_links ADD COLUMN workspace TEXT NOT NULL DEFAULT '';
ALTER TABLE status_links ADD COLUMN address TEXT NOT NULL DEFAULT '';
