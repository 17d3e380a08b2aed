-- What a person wrote with its formatting and mentions, where it has any.
ALTER TABLE comments ADD COLUMN rich TEXT NOT NULL DEFAULT '';

-- The messages in which a comment is shown outside its own thread, and the thread they
-- stand in. A part that somebody removed by hand has no message and is not shown again.
CREATE TABLE mirrors (
    desk_id    TEXT   NOT NULL,
    comment_id TEXT   NOT NULL,
    card_id    TEXT   NOT NULL,
    part       BIGINT NOT NULL,
    thread     TEXT   NOT NULL,
    message    TEXT   NOT NULL,
    shown      TEXT   NOT NULL,
    PRIMARY KEY (desk_id, comment_id, card_id, part)
) {{clustered}};
CREATE INDEX mirrors_card ON mirrors (desk_id, card_id);
