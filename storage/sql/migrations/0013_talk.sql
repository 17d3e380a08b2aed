-- The workspace in the browser: a chat platform of our own, whose messages are kept
-- here and nowhere else. Every change of anything takes the desk's next number from
-- talk_state, whose row is locked until the commit, so that numbers become visible in
-- their order and a reader who has seen one has seen all before it.
CREATE TABLE talk_state (
    desk_id TEXT   NOT NULL PRIMARY KEY,
    change  BIGINT NOT NULL
);

CREATE TABLE talk_people (
    desk_id    TEXT    NOT NULL,
    id         TEXT    NOT NULL,
    name       TEXT    NOT NULL,
    email      TEXT    NOT NULL,
    alias      TEXT    NOT NULL,
    kind       TEXT    NOT NULL,
    admin      BOOLEAN NOT NULL,
    created_at BIGINT  NOT NULL,
    PRIMARY KEY (desk_id, id)
) {{clustered}};
CREATE UNIQUE INDEX talk_people_email ON talk_people (desk_id, email) WHERE email <> '';
CREATE UNIQUE INDEX talk_people_alias ON talk_people (desk_id, alias) WHERE alias <> '';

CREATE TABLE talk_channels (
    desk_id    TEXT    NOT NULL,
    id         TEXT    NOT NULL,
    name       TEXT    NOT NULL,
    title      TEXT    NOT NULL,
    purpose    TEXT    NOT NULL,
    archived   BOOLEAN NOT NULL,
    created_at BIGINT  NOT NULL,
    PRIMARY KEY (desk_id, id),
    UNIQUE (desk_id, name)
);

-- seen is the number of the newest message that the person has read.
CREATE TABLE talk_members (
    desk_id TEXT   NOT NULL,
    channel TEXT   NOT NULL,
    person  TEXT   NOT NULL,
    seen    BIGINT NOT NULL,
    PRIMARY KEY (desk_id, channel, person)
) {{clustered}};
CREATE INDEX talk_members_person ON talk_members (desk_id, person);

-- seq is the number of the change that made a message, change that of its last one.
-- A message with addressee is read by that person alone. delivery names the attempt
-- that made it, so that a repeat makes no second one.
CREATE TABLE talk_messages (
    desk_id    TEXT    NOT NULL,
    id         TEXT    NOT NULL,
    channel    TEXT    NOT NULL,
    thread     TEXT    NOT NULL,
    seq        BIGINT  NOT NULL,
    change     BIGINT  NOT NULL,
    author     TEXT    NOT NULL,
    text       TEXT    NOT NULL,
    body       TEXT    NOT NULL,
    files      TEXT    NOT NULL,
    mentions   TEXT    NOT NULL,
    addressee  TEXT    NOT NULL,
    delivery   TEXT    NOT NULL,
    pinned     BOOLEAN NOT NULL,
    created_at BIGINT  NOT NULL,
    edited_at  BIGINT  NOT NULL,
    deleted_at BIGINT  NOT NULL,
    PRIMARY KEY (desk_id, id)
);
CREATE INDEX talk_messages_channel ON talk_messages (desk_id, channel, thread, seq);
CREATE INDEX talk_messages_change ON talk_messages (desk_id, change);
CREATE UNIQUE INDEX talk_messages_delivery ON talk_messages (desk_id, channel, delivery) WHERE delivery <> '';

-- What people did and the bot has not taken yet. It is written together with what
-- they did.
CREATE TABLE talk_feed (
    desk_id   TEXT   NOT NULL,
    dedup_key TEXT   NOT NULL,
    change    BIGINT NOT NULL,
    payload   BYTEA,
    at        BIGINT NOT NULL,
    PRIMARY KEY (desk_id, dedup_key)
);
CREATE INDEX talk_feed_change ON talk_feed (desk_id, change);

-- message is empty until one shows the file.
CREATE TABLE talk_files (
    desk_id    TEXT   NOT NULL,
    id         TEXT   NOT NULL,
    channel    TEXT   NOT NULL,
    message    TEXT   NOT NULL,
    name       TEXT   NOT NULL,
    type       TEXT   NOT NULL,
    size       BIGINT NOT NULL,
    digest     TEXT   NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (desk_id, id)
);

-- Ids of sessions and links are digests of what the person holds.
CREATE TABLE talk_sessions (
    desk_id    TEXT   NOT NULL,
    id         TEXT   NOT NULL,
    person     TEXT   NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (desk_id, id)
);
CREATE INDEX talk_sessions_person ON talk_sessions (desk_id, person);

CREATE TABLE talk_links (
    desk_id    TEXT   NOT NULL,
    id         TEXT   NOT NULL,
    person     TEXT   NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at    BIGINT NOT NULL,
    PRIMARY KEY (desk_id, id)
);
CREATE INDEX talk_links_person ON talk_links (desk_id, person, created_at);
