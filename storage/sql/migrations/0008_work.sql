-- demands is what the desk asks of the work: checklist, evidence, fields, steps.
ALTER TABLE issues ADD COLUMN demands TEXT NOT NULL DEFAULT '';

-- pause and ticks are the state of work under way.
ALTER TABLE assignments ADD COLUMN pause TEXT NOT NULL DEFAULT '';
ALTER TABLE assignments ADD COLUMN ticks TEXT NOT NULL DEFAULT '';
ALTER TABLE assignments ADD COLUMN completion_materials TEXT NOT NULL DEFAULT '';
ALTER TABLE assignments ADD COLUMN completion_activity TEXT NOT NULL DEFAULT '';

-- A template is kept as one document, found by the folded form of its name.
CREATE TABLE templates (
    desk_id    TEXT   NOT NULL,
    key        TEXT   NOT NULL,
    body       TEXT   NOT NULL,
    changed_at BIGINT NOT NULL,
    PRIMARY KEY (desk_id, key)
);
