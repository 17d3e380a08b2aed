-- People outside whom issues involve, and the conversation in which they are reached.
CREATE TABLE outsiders (
    desk_id   TEXT NOT NULL,
    id        TEXT NOT NULL,
    name      TEXT NOT NULL,
    address   TEXT NOT NULL,
    workspace TEXT NOT NULL,
    channel   TEXT NOT NULL,
    PRIMARY KEY (desk_id, id)
) {{clustered}};
