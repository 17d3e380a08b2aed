-- The clocks of a hand-off's time limits, and from them when the next warning and the
-- next breach are due. count_at is when its cards say that less time is left to answer.
ALTER TABLE assignments ADD COLUMN clocks          TEXT   NOT NULL DEFAULT '';
ALTER TABLE assignments ADD COLUMN count_at        BIGINT NOT NULL DEFAULT 0;
ALTER TABLE assignments ADD COLUMN limit_warn_at   BIGINT NOT NULL DEFAULT 0;
ALTER TABLE assignments ADD COLUMN limit_breach_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE assignments ADD COLUMN breached        BOOLEAN NOT NULL DEFAULT FALSE;
CREATE INDEX assignments_count ON assignments (count_at) WHERE count_at > 0;
CREATE INDEX assignments_limit_warn ON assignments (limit_warn_at) WHERE limit_warn_at > 0;
CREATE INDEX assignments_limit_breach ON assignments (limit_breach_at) WHERE limit_breach_at > 0;

-- When the managers hear of work that is overdue, and who took note of it. breached is
-- true while a firm has the job that has broken a time limit of it.
ALTER TABLE issues ADD COLUMN escalate_at  BIGINT  NOT NULL DEFAULT 0;
ALTER TABLE issues ADD COLUMN seen_by_id   TEXT    NOT NULL DEFAULT '';
ALTER TABLE issues ADD COLUMN seen_by_name TEXT    NOT NULL DEFAULT '';
ALTER TABLE issues ADD COLUMN breached     BOOLEAN NOT NULL DEFAULT FALSE;
CREATE INDEX issues_escalate ON issues (escalate_at) WHERE escalate_at > 0;
CREATE INDEX issues_breached ON issues (desk_id, number) WHERE breached;
