-- Times are microseconds since 1970 in UTC, 0 for none. Every table of a desk has
-- desk_id first in its key, so that no statement can reach another desk's rows by
-- an id alone.

CREATE TABLE desks (
    id          TEXT   NOT NULL PRIMARY KEY,
    name        TEXT   NOT NULL,
    created_at  BIGINT NOT NULL,
    last_number BIGINT NOT NULL DEFAULT 0
);

CREATE TABLE workspaces (
    id       TEXT NOT NULL PRIMARY KEY,
    desk_id  TEXT NOT NULL REFERENCES desks (id),
    platform TEXT NOT NULL,
    name     TEXT NOT NULL,
    bot      TEXT NOT NULL
);

CREATE TABLE settings (
    desk_id TEXT NOT NULL,
    name    TEXT NOT NULL,
    value   TEXT NOT NULL,
    PRIMARY KEY (desk_id, name)
) {{clustered}};

CREATE TABLE inbox (
    desk_id   TEXT   NOT NULL,
    workspace TEXT   NOT NULL,
    dedup_key TEXT   NOT NULL,
    at        BIGINT NOT NULL,
    answer    BYTEA,
    PRIMARY KEY (desk_id, workspace, dedup_key)
) {{clustered}};
CREATE INDEX inbox_at ON inbox (at);

CREATE TABLE kept (
    id        {{autoincrement}},
    desk_id   TEXT   NOT NULL,
    workspace TEXT   NOT NULL,
    dedup_key TEXT   NOT NULL,
    type      TEXT   NOT NULL,
    fault     TEXT   NOT NULL,
    route     TEXT   NOT NULL,
    raw       BYTEA,
    at        BIGINT NOT NULL,
    times     BIGINT NOT NULL,
    UNIQUE (workspace, dedup_key)
);

CREATE TABLE issues (
    desk_id         TEXT    NOT NULL,
    id              TEXT    NOT NULL,
    number          BIGINT  NOT NULL,
    status          TEXT    NOT NULL,
    lies_with       TEXT    NOT NULL,
    revision        BIGINT  NOT NULL,
    created_at      BIGINT  NOT NULL,
    closed_at       BIGINT  NOT NULL,
    remind_at       BIGINT  NOT NULL,
    remind_set      BOOLEAN NOT NULL,
    due_at          BIGINT  NOT NULL,
    overdue         BOOLEAN NOT NULL,
    external_people TEXT    NOT NULL,
    was_accepted    BOOLEAN NOT NULL,
    last_by         TEXT    NOT NULL,
    last_verb       TEXT    NOT NULL,
    title           TEXT    NOT NULL,
    description     TEXT    NOT NULL,
    topic           TEXT    NOT NULL,
    priority        TEXT    NOT NULL,
    place           TEXT    NOT NULL,
    customer        TEXT    NOT NULL,
    external_ref    TEXT    NOT NULL,
    url             TEXT    NOT NULL,
    created_by_id   TEXT    NOT NULL,
    created_by_name TEXT    NOT NULL,
    version         BIGINT  NOT NULL,
    PRIMARY KEY (desk_id, id),
    UNIQUE (desk_id, number)
);
CREATE INDEX issues_open ON issues (desk_id, status, number);
CREATE INDEX issues_remind ON issues (remind_at) WHERE remind_at > 0 AND status <> 'closed';
CREATE INDEX issues_due ON issues (due_at)
    WHERE due_at > 0 AND NOT overdue AND status <> 'closed' AND status <> 'resolved';

CREATE TABLE assignments (
    desk_id           TEXT   NOT NULL,
    id                TEXT   NOT NULL,
    issue_id          TEXT   NOT NULL,
    position          BIGINT NOT NULL,
    contractor_id     TEXT   NOT NULL,
    status            TEXT   NOT NULL,
    revision          BIGINT NOT NULL,
    in_charge_id      TEXT   NOT NULL,
    in_charge_name    TEXT   NOT NULL,
    step              TEXT   NOT NULL,
    step_from         BIGINT NOT NULL,
    step_to           BIGINT NOT NULL,
    accept_by         BIGINT NOT NULL,
    terms_note        TEXT   NOT NULL,
    warn_at           BIGINT NOT NULL,
    declined_reason   TEXT   NOT NULL,
    declined_text     TEXT   NOT NULL,
    send_back_reason  TEXT   NOT NULL,
    completion_note   TEXT   NOT NULL,
    completion_effort BIGINT NOT NULL,
    completion_costs  TEXT   NOT NULL,
    created_at        BIGINT NOT NULL,
    offered_at        BIGINT NOT NULL,
    answered_at       BIGINT NOT NULL,
    started_at        BIGINT NOT NULL,
    submitted_at      BIGINT NOT NULL,
    ended_at          BIGINT NOT NULL,
    last_by           TEXT   NOT NULL,
    last_verb         TEXT   NOT NULL,
    version           BIGINT NOT NULL,
    PRIMARY KEY (desk_id, id),
    FOREIGN KEY (desk_id, issue_id) REFERENCES issues (desk_id, id)
);
CREATE INDEX assignments_issue ON assignments (desk_id, issue_id, position);
CREATE INDEX assignments_contractor ON assignments (desk_id, contractor_id, status);
CREATE INDEX assignments_warn ON assignments (warn_at) WHERE warn_at > 0 AND status = 'assigned';
CREATE INDEX assignments_expire ON assignments (accept_by) WHERE accept_by > 0 AND status = 'assigned';

CREATE TABLE contractors (
    desk_id    TEXT   NOT NULL,
    id         TEXT   NOT NULL,
    city       TEXT   NOT NULL,
    company    TEXT   NOT NULL,
    state      TEXT   NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (desk_id, id)
);

CREATE TABLE invitations (
    desk_id       TEXT   NOT NULL,
    id            TEXT   NOT NULL,
    contractor_id TEXT   NOT NULL,
    workspace     TEXT   NOT NULL,
    channel       TEXT   NOT NULL,
    address       TEXT   NOT NULL,
    external_id   TEXT   NOT NULL,
    state         TEXT   NOT NULL,
    note          TEXT   NOT NULL,
    at            BIGINT NOT NULL,
    PRIMARY KEY (desk_id, id)
);
CREATE INDEX invitations_contractor ON invitations (desk_id, contractor_id);

CREATE TABLE channels (
    desk_id       TEXT   NOT NULL,
    workspace     TEXT   NOT NULL,
    id            TEXT   NOT NULL,
    kind          TEXT   NOT NULL,
    contractor_id TEXT   NOT NULL,
    name          TEXT   NOT NULL,
    url           TEXT   NOT NULL,
    state         TEXT   NOT NULL,
    synced_at     BIGINT NOT NULL,
    created_at    BIGINT NOT NULL,
    PRIMARY KEY (desk_id, workspace, id)
);
CREATE INDEX channels_contractor ON channels (desk_id, contractor_id);

CREATE TABLE people (
    desk_id   TEXT    NOT NULL,
    workspace TEXT    NOT NULL,
    id        TEXT    NOT NULL,
    name      TEXT    NOT NULL,
    email     TEXT    NOT NULL,
    kind      TEXT    NOT NULL,
    admin     BOOLEAN NOT NULL,
    seen_at   BIGINT  NOT NULL,
    PRIMARY KEY (desk_id, workspace, id)
) {{clustered}};

CREATE TABLE members (
    desk_id   TEXT NOT NULL,
    workspace TEXT NOT NULL,
    channel   TEXT NOT NULL,
    person    TEXT NOT NULL,
    PRIMARY KEY (desk_id, workspace, channel, person)
) {{clustered}};

CREATE TABLE comments (
    desk_id       TEXT    NOT NULL,
    id            TEXT    NOT NULL,
    issue_id      TEXT    NOT NULL,
    assignment_id TEXT    NOT NULL,
    visibility    TEXT    NOT NULL,
    author_id     TEXT    NOT NULL,
    author_name   TEXT    NOT NULL,
    author_side   TEXT    NOT NULL,
    text          TEXT    NOT NULL,
    created_at    BIGINT  NOT NULL,
    edited_at     BIGINT  NOT NULL,
    deleted_at    BIGINT  NOT NULL,
    deleted_by    TEXT    NOT NULL,
    held          BOOLEAN NOT NULL,
    orphan        BOOLEAN NOT NULL,
    platform      TEXT    NOT NULL,
    workspace     TEXT    NOT NULL,
    channel       TEXT    NOT NULL,
    thread        TEXT    NOT NULL,
    message       TEXT    NOT NULL,
    files         TEXT    NOT NULL,
    PRIMARY KEY (desk_id, id)
);
-- A comment's identity is its message; comments of the web and the API have none.
CREATE UNIQUE INDEX comments_source ON comments (desk_id, workspace, channel, message) WHERE message <> '';
CREATE INDEX comments_issue ON comments (desk_id, issue_id, created_at, id);
CREATE INDEX comments_thread ON comments (desk_id, workspace, channel, thread) WHERE thread <> '';

CREATE TABLE comment_versions (
    desk_id    TEXT   NOT NULL,
    comment_id TEXT   NOT NULL,
    at         BIGINT NOT NULL,
    digest     TEXT   NOT NULL,
    text       TEXT   NOT NULL,
    PRIMARY KEY (desk_id, comment_id, at, digest),
    FOREIGN KEY (desk_id, comment_id) REFERENCES comments (desk_id, id)
);

CREATE TABLE events (
    seq           {{serial}},
    desk_id       TEXT   NOT NULL,
    issue_id      TEXT   NOT NULL,
    assignment_id TEXT   NOT NULL,
    at            BIGINT NOT NULL,
    actor_id      TEXT   NOT NULL,
    actor_name    TEXT   NOT NULL,
    kind          TEXT   NOT NULL,
    data          TEXT   NOT NULL,
    workspace     TEXT   NOT NULL,
    dedup_key     TEXT   NOT NULL
);
CREATE INDEX events_issue ON events (desk_id, issue_id, seq);

CREATE TABLE cards (
    desk_id       TEXT NOT NULL,
    id            TEXT NOT NULL,
    kind          TEXT NOT NULL,
    issue_id      TEXT NOT NULL,
    assignment_id TEXT NOT NULL,
    workspace     TEXT NOT NULL,
    channel       TEXT NOT NULL,
    message       TEXT NOT NULL,
    PRIMARY KEY (desk_id, id)
);
CREATE INDEX cards_issue ON cards (desk_id, issue_id, id);
CREATE INDEX cards_message ON cards (desk_id, workspace, channel, message);

-- A lane's ready_at says when it is worth looking at: NULL when nothing waits, 0
-- when its head can go at once, else the end of the lease or of the head's
-- back-off. turn is when it was last served, so that lanes take turns.
CREATE TABLE lanes (
    desk_id   TEXT    NOT NULL,
    workspace TEXT    NOT NULL,
    name      TEXT    NOT NULL,
    ready_at  BIGINT,
    turn      BIGINT  NOT NULL DEFAULT 0,
    parked    BOOLEAN NOT NULL DEFAULT FALSE,
    parked_at BIGINT  NOT NULL DEFAULT 0,
    reason    TEXT    NOT NULL DEFAULT '',
    PRIMARY KEY (desk_id, workspace, name)
) {{clustered}};
CREATE INDEX lanes_ready ON lanes (ready_at, turn, workspace) WHERE ready_at IS NOT NULL AND NOT parked;

-- waiting is false from a claim until the delivery is given back; a claim that
-- finds it false has found a lease that ran out.
CREATE TABLE deliveries (
    id             {{autoincrement}},
    desk_id        TEXT    NOT NULL,
    workspace      TEXT    NOT NULL,
    lane           TEXT    NOT NULL,
    kind           TEXT    NOT NULL,
    card           TEXT    NOT NULL,
    payload        BYTEA,
    not_before     BIGINT  NOT NULL,
    created_at     BIGINT  NOT NULL,
    waiting        BOOLEAN NOT NULL DEFAULT TRUE,
    token          BIGINT  NOT NULL DEFAULT 0,
    attempts       BIGINT  NOT NULL DEFAULT 0,
    first_tried_at BIGINT  NOT NULL DEFAULT 0,
    ambiguous      BOOLEAN NOT NULL DEFAULT FALSE,
    last_error     TEXT    NOT NULL DEFAULT ''
);
CREATE INDEX deliveries_lane ON deliveries (desk_id, workspace, lane, id);
CREATE UNIQUE INDEX deliveries_card ON deliveries (desk_id, card) WHERE card <> '' AND waiting;
