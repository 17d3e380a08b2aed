-- Which contents comments list or listed, so that a digest leads to the comments
-- that say who may have it.
CREATE TABLE listed_files (
    desk_id    TEXT NOT NULL,
    digest     TEXT NOT NULL,
    comment_id TEXT NOT NULL,
    PRIMARY KEY (desk_id, digest, comment_id)
) {{clustered}};

-- Files of comments that are shown in the threads of other cards.
CREATE TABLE carried_files (
    desk_id    TEXT NOT NULL,
    comment_id TEXT NOT NULL,
    card_id    TEXT NOT NULL,
    file       TEXT NOT NULL,
    remote     TEXT NOT NULL,
    refused    TEXT NOT NULL,
    thread     TEXT NOT NULL,
    message    TEXT NOT NULL,
    PRIMARY KEY (desk_id, comment_id, card_id, file)
) {{clustered}};
