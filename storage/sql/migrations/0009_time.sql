-- What concerns the desk itself, such as a change of its settings, is listed by kind.
CREATE INDEX events_desk ON events (desk_id, kind, seq) WHERE issue_id = '';
