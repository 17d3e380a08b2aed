-- Each index that a click has to change costs it pages of the log: assignments_firm begins
-- with the same columns.
DROP INDEX assignments_contractor;
