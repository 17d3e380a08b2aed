package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"taskbridge/storage"
)

const (
	talkerColumns  = "id, name, email, alias, kind, admin, created_at"
	roomColumns    = "id, name, title, purpose, archived, created_at"
	messageColumns = "id, channel, thread, seq, change, author, text, body, files, mentions, addressee, delivery, " +
		"pinned, created_at, edited_at, deleted_at"
	entryColumns    = "id, person, place, created_at, expires_at"
	talkFileColumns = "id, channel, message, name, type, size, digest, created_at"
)

func talkerFields(p *storage.Talker) []any {
	return []any{&p.ID, &p.Name, &p.Email, &p.Alias, &p.Kind, &p.Admin, at(&p.CreatedAt)}
}

func roomFields(r *storage.Room) []any {
	return []any{&r.ID, &r.Name, &r.Title, &r.Purpose, &r.Archived, at(&r.CreatedAt)}
}

func messageFields(m *storage.TalkMessage) []any {
	return []any{
		&m.ID, &m.Room, &m.Thread, &m.Seq, &m.Change, &m.Author, &m.Text, &m.Body, asJSON(&m.Files), asJSON(&m.Calls),
		&m.To, &m.Delivery, &m.Pinned, at(&m.CreatedAt), at(&m.EditedAt), at(&m.DeletedAt),
	}
}

func talkFileFields(f *storage.TalkFile) []any {
	return []any{&f.ID, &f.Room, &f.Message, &f.Name, &f.Type, &f.Size, &f.Digest, at(&f.CreatedAt)}
}

func entryFields(p *storage.TalkPass) []any {
	return []any{&p.ID, &p.Person, &p.Place, at(&p.CreatedAt), at(&p.ExpiresAt)}
}

// talk runs fn in a transaction that has the workspace in the browser to itself and
// gives it the number of the change it makes. The row of the number is locked until
// the commit, which keeps other replicas out.
func (s *Store) talk(ctx context.Context, desk string, fn func(t *tx, change int64) error) error {
	return s.write(ctx, desk, func(c session) error {
		t := &tx{store: s, session: c, desk: desk}
		if err := t.lock(ctx, exclusive, "talk"); err != nil {
			return err
		}
		var change int64
		err := t.row(ctx, `INSERT INTO talk_state (desk_id, change) VALUES ($1, 1)
			ON CONFLICT (desk_id) DO UPDATE SET change = talk_state.change + 1 RETURNING change`, []any{&change}, desk)
		if err != nil {
			return err
		}
		if err := fn(t, change); err != nil {
			return err
		}
		c.postponed().add(&t.work)
		return nil
	})
}

// hear runs fn on one state of a desk.
func (s *Store) hear(ctx context.Context, desk string, fn func(t *tx) error) error {
	return s.read(ctx, func(c session) error { return fn(&tx{store: s, session: c, desk: desk, readOnly: true}) })
}

// tell keeps what the bot has to take.
func (t *tx) tell(ctx context.Context, change int64, tale storage.Tale) error {
	if tale.Key == "" {
		return nil
	}
	_, err := t.exec(ctx, `INSERT INTO talk_feed (desk_id, dedup_key, change, payload, at) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT DO NOTHING`, t.desk, tale.Key, change, tale.Payload, tale.At)
	return err
}

// PutTalker implements storage.TalkPeople.
func (s *Store) PutTalker(ctx context.Context, desk string, p storage.Talker) error {
	err := s.talk(ctx, desk, func(t *tx, _ int64) error {
		var other string
		err := t.row(ctx, `SELECT id FROM talk_people WHERE desk_id = $1 AND id <> $2
			AND (email = $3 AND email <> '' OR alias = $4 AND alias <> '') LIMIT 1`, []any{&other}, desk, p.ID, p.Email, p.Alias)
		if err == nil {
			return storage.ErrExists
		}
		if !errors.Is(err, storage.ErrNotFound) {
			return err
		}
		_, err = t.exec(ctx, upsert("talk_people", talkerColumns, "id"), t.bind(talkerFields(&p))...)
		return err
	})
	if err != nil {
		return fmt.Errorf("put talker %s: %w", p.ID, err)
	}
	return nil
}

// Talker implements storage.TalkPeople.
func (s *Store) Talker(ctx context.Context, desk, name string) (storage.Talker, error) {
	var p storage.Talker
	err := s.hear(ctx, desk, func(t *tx) error {
		if name == "" {
			return storage.ErrNotFound
		}
		return t.row(ctx, "SELECT "+talkerColumns+` FROM talk_people
			WHERE desk_id = $1 AND (id = $2 OR email = $3 OR alias = $2) ORDER BY id = $2 DESC LIMIT 1`,
			talkerFields(&p), desk, name, strings.ToLower(name))
	})
	if err != nil {
		return storage.Talker{}, fmt.Errorf("read a talker: %w", err)
	}
	return p, nil
}

// Talkers implements storage.TalkPeople.
func (s *Store) Talkers(ctx context.Context, desk string) (list []storage.Talker, err error) {
	err = s.hear(ctx, desk, func(t *tx) (err error) {
		list, err = collect(ctx, t, talkerFields, "SELECT "+talkerColumns+" FROM talk_people WHERE desk_id = $1 ORDER BY name, id", desk)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list talkers: %w", err)
	}
	return list, nil
}

// RetireTalker implements storage.TalkPeople.
func (s *Store) RetireTalker(ctx context.Context, desk, id string, tell func(string) storage.Tale) (rooms []string, err error) {
	err = s.talk(ctx, desk, func(t *tx, change int64) error {
		all, err := collect(ctx, t, talkerFields, "SELECT "+talkerColumns+" FROM talk_people WHERE desk_id = $1 AND kind <> ''", desk)
		if err != nil {
			return err
		}
		at := slices.IndexFunc(all, func(p storage.Talker) bool { return p.ID == id })
		if at < 0 {
			return storage.ErrNotFound
		}
		p := all[at]
		rules := func(p storage.Talker) bool { return p.Admin && p.Kind == "member" }
		if rules(p) && !slices.ContainsFunc(all, func(o storage.Talker) bool { return o.ID != id && rules(o) }) {
			return storage.ErrStale
		}
		p.Kind, p.Email, p.Admin = "", "", false
		if _, err := t.exec(ctx, upsert("talk_people", talkerColumns, "id"), t.bind(talkerFields(&p))...); err != nil {
			return err
		}
		for _, table := range []string{"talk_sessions", "talk_links"} {
			if _, err := t.exec(ctx, "DELETE FROM "+table+" WHERE desk_id = $1 AND person = $2", desk, id); err != nil {
				return err
			}
		}
		rooms, err = collect(ctx, t, func(room *string) []any { return []any{room} },
			"DELETE FROM talk_members WHERE desk_id = $1 AND person = $2 RETURNING channel", desk, id)
		for _, room := range rooms {
			err = errors.Join(err, t.tell(ctx, change, tell(room)))
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("retire talker %s: %w", id, err)
	}
	return rooms, nil
}

// OpenRoom implements storage.TalkRooms.
func (s *Store) OpenRoom(ctx context.Context, desk string, r storage.Room) error {
	err := s.talk(ctx, desk, func(t *tx, _ int64) error {
		n, err := t.exec(ctx, insert("talk_channels", roomColumns)+" ON CONFLICT DO NOTHING", t.bind(roomFields(&r))...)
		if err == nil && n == 0 {
			err = storage.ErrExists
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("open room %s: %w", r.Name, err)
	}
	return nil
}

// CloseRoom implements storage.TalkRooms.
func (s *Store) CloseRoom(ctx context.Context, desk, id string, closed bool) error {
	err := s.talk(ctx, desk, func(t *tx, _ int64) error {
		n, err := t.exec(ctx, "UPDATE talk_channels SET archived = $3 WHERE desk_id = $1 AND id = $2", desk, id, closed)
		if err == nil && n == 0 {
			err = storage.ErrNotFound
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("close or open room %s: %w", id, err)
	}
	return nil
}

// Room implements storage.TalkRooms.
func (s *Store) Room(ctx context.Context, desk, idOrName string) (storage.Room, error) {
	var r storage.Room
	err := s.hear(ctx, desk, func(t *tx) error {
		return t.row(ctx, "SELECT "+roomColumns+" FROM talk_channels WHERE desk_id = $1 AND (id = $2 OR name = $2) ORDER BY id = $2 DESC LIMIT 1",
			roomFields(&r), desk, idOrName)
	})
	if err != nil {
		return storage.Room{}, fmt.Errorf("read room %s: %w", idOrName, err)
	}
	return r, nil
}

// Rooms implements storage.TalkRooms.
func (s *Store) Rooms(ctx context.Context, desk, person string) (list []storage.Room, err error) {
	err = s.hear(ctx, desk, func(t *tx) (err error) {
		if person == "" {
			list, err = collect(ctx, t, roomFields, "SELECT "+roomColumns+" FROM talk_channels WHERE desk_id = $1 ORDER BY title, name", desk)
			return err
		}
		const unread = `FROM talk_messages AS u WHERE u.desk_id = c.desk_id AND u.channel = c.id AND u.seq > m.seen
			AND u.deleted_at = 0 AND u.author <> m.person AND u.addressee = ''`
		list, err = collect(ctx, t, func(r *storage.Room) []any {
			return append(roomFields(r), &r.Seen, &r.Unread, &r.Called)
		}, `SELECT c.id, c.name, c.title, c.purpose, c.archived, c.created_at, m.seen,
			(SELECT count(*) `+unread+`), (SELECT count(*) `+unread+` AND (u.mentions LIKE '%"' || m.person || '"%' OR u.mentions LIKE '%"*"%'))
			FROM talk_members AS m JOIN talk_channels AS c ON c.desk_id = m.desk_id AND c.id = m.channel
			WHERE m.desk_id = $1 AND m.person = $2 ORDER BY c.title, c.name`, desk, person)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list rooms: %w", err)
	}
	return list, nil
}

// Seat implements storage.TalkSeats.
func (s *Store) Seat(ctx context.Context, desk, room string, people []string, tell func(string) storage.Tale) (added []string, err error) {
	err = s.talk(ctx, desk, func(t *tx, change int64) error {
		added = nil
		for _, p := range people {
			var n int
			if err := t.row(ctx, "SELECT 1 FROM talk_people WHERE desk_id = $1 AND id = $2", []any{&n}, desk, p); err != nil {
				return err
			}
		}
		for _, p := range people {
			// What was said before is not unread.
			n, err := t.exec(ctx, "INSERT INTO talk_members (desk_id, channel, person, seen, since) VALUES ($1, $2, $3, $4, $4) ON CONFLICT DO NOTHING",
				desk, room, p, change)
			if err != nil {
				return err
			}
			if n == 0 {
				continue
			}
			added = append(added, p)
			if tell != nil {
				if err := t.tell(ctx, change, tell(p)); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("seat people in %s: %w", room, err)
	}
	return added, nil
}

// Unseat implements storage.TalkSeats.
func (s *Store) Unseat(ctx context.Context, desk, room, person string, tell storage.Tale) error {
	err := s.talk(ctx, desk, func(t *tx, change int64) error {
		n, err := t.exec(ctx, "DELETE FROM talk_members WHERE desk_id = $1 AND channel = $2 AND person = $3", desk, room, person)
		if err != nil || n == 0 {
			return err
		}
		return t.tell(ctx, change, tell)
	})
	if err != nil {
		return fmt.Errorf("take somebody out of %s: %w", room, err)
	}
	return nil
}

// Seated implements storage.TalkSeats.
func (s *Store) Seated(ctx context.Context, desk, room string) (list []string, err error) {
	err = s.hear(ctx, desk, func(t *tx) (err error) {
		list, err = collect(ctx, t, func(id *string) []any { return []any{id} },
			"SELECT person FROM talk_members WHERE desk_id = $1 AND channel = $2 ORDER BY person", desk, room)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list who is in %s: %w", room, err)
	}
	return list, nil
}

// MarkSeen implements storage.TalkSeats.
func (s *Store) MarkSeen(ctx context.Context, desk, room, person string, seq int64) error {
	// A mark is nobody else's affair and takes no number.
	err := s.write(ctx, desk, func(c session) error {
		t := &tx{store: s, session: c, desk: desk}
		_, err := t.exec(ctx, `UPDATE talk_members SET seen = $4
			WHERE desk_id = $1 AND channel = $2 AND person = $3 AND seen < $4`, desk, room, person, seq)
		return err
	})
	if err != nil {
		return fmt.Errorf("mark %s as read: %w", room, err)
	}
	return nil
}

// MarkThreadSeen implements storage.TalkSeats.
func (s *Store) MarkThreadSeen(ctx context.Context, desk, room, thread, person string, seq int64) error {
	err := s.write(ctx, desk, func(c session) error {
		t := &tx{store: s, session: c, desk: desk}
		_, err := t.exec(ctx, `INSERT INTO talk_threads (desk_id, person, thread, seen)
			SELECT m.desk_id, CAST($4 AS TEXT), m.id, CAST($5 AS BIGINT) FROM talk_messages AS m
			WHERE m.desk_id = $1 AND m.id = $3 AND m.channel = $2 AND m.thread = ''
			ON CONFLICT (desk_id, person, thread) DO UPDATE SET seen = excluded.seen WHERE talk_threads.seen < excluded.seen`, desk, room, thread, person, seq)
		return err
	})
	if err != nil {
		return fmt.Errorf("mark a thread as read: %w", err)
	}
	return nil
}

// PutTalkFile implements storage.TalkFiles.
func (s *Store) PutTalkFile(ctx context.Context, desk string, f storage.TalkFile) error {
	err := s.talk(ctx, desk, func(t *tx, _ int64) error {
		_, err := t.exec(ctx, upsert("talk_files", talkFileColumns, "id"), t.bind(talkFileFields(&f))...)
		return err
	})
	if err != nil {
		return fmt.Errorf("put file %s: %w", f.ID, err)
	}
	return nil
}

// TalkFile implements storage.TalkFiles.
func (s *Store) TalkFile(ctx context.Context, desk, id string) (storage.TalkFile, error) {
	var f storage.TalkFile
	err := s.hear(ctx, desk, func(t *tx) error {
		return t.row(ctx, "SELECT "+talkFileColumns+" FROM talk_files WHERE desk_id = $1 AND id = $2", talkFileFields(&f), desk, id)
	})
	if err != nil {
		return storage.TalkFile{}, fmt.Errorf("read file %s: %w", id, err)
	}
	return f, nil
}

// DropTalkFiles implements storage.TalkFiles.
func (s *Store) DropTalkFiles(ctx context.Context, desk string, ids []string) error {
	err := s.talk(ctx, desk, func(t *tx, _ int64) error {
		for _, id := range ids {
			if _, err := t.exec(ctx, "DELETE FROM talk_files WHERE desk_id = $1 AND id = $2", desk, id); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("drop files: %w", err)
	}
	return nil
}

// DropHiddenFiles implements storage.TalkFiles.
func (s *Store) DropHiddenFiles(ctx context.Context, desk string, before time.Time) (n int, err error) {
	err = s.talk(ctx, desk, func(t *tx, _ int64) error {
		gone, err := t.exec(ctx, "DELETE FROM talk_files WHERE desk_id = $1 AND message = '' AND created_at < $2", desk, before)
		n = int(gone)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("drop hidden files: %w", err)
	}
	return n, nil
}

// PutTalkLink implements storage.TalkDoor.
func (s *Store) PutTalkLink(ctx context.Context, desk string, l storage.TalkPass, since time.Time, most int) error {
	err := s.talk(ctx, desk, func(t *tx, _ int64) error {
		var n int
		err := t.row(ctx, "SELECT count(*) FROM talk_links WHERE desk_id = $1 AND person = $2 AND created_at > $3", []any{&n}, desk, l.Person, since)
		if err != nil {
			return err
		}
		if n >= most {
			// ErrConflict would be tried again at once.
			return storage.ErrStale
		}
		// Those that count neither here nor at the door are only in the way.
		if _, err = t.exec(ctx, "DELETE FROM talk_links WHERE desk_id = $1 AND person = $2 AND created_at <= $3 AND expires_at <= $4", desk, l.Person, since, l.CreatedAt); err != nil {
			return err
		}
		_, err = t.exec(ctx, insert("talk_links", entryColumns, "used_at"), append(t.bind(entryFields(&l)), 0)...)
		return err
	})
	if err != nil {
		return fmt.Errorf("keep a link: %w", err)
	}
	return nil
}

// TakeTalkLink implements storage.TalkDoor.
func (s *Store) TakeTalkLink(ctx context.Context, desk, id string, now time.Time) (storage.TalkPass, error) {
	var l storage.TalkPass
	err := s.talk(ctx, desk, func(t *tx, _ int64) error {
		return t.row(ctx, `UPDATE talk_links SET used_at = $3 WHERE desk_id = $1 AND id = $2 AND used_at = 0 AND expires_at > $3
			RETURNING `+entryColumns, entryFields(&l), desk, id, now)
	})
	if err != nil {
		return storage.TalkPass{}, fmt.Errorf("use a link: %w", err)
	}
	return l, nil
}

// TalkLink implements storage.TalkDoor.
func (s *Store) TalkLink(ctx context.Context, desk, id string, now time.Time) (storage.TalkPass, error) {
	var l storage.TalkPass
	err := s.hear(ctx, desk, func(t *tx) error {
		return t.row(ctx, "SELECT "+entryColumns+" FROM talk_links WHERE desk_id = $1 AND id = $2 AND used_at = 0 AND expires_at > $3", entryFields(&l), desk, id, now)
	})
	if err != nil {
		return storage.TalkPass{}, fmt.Errorf("look at a link: %w", err)
	}
	return l, nil
}

// PutTalkSession implements storage.TalkDoor.
func (s *Store) PutTalkSession(ctx context.Context, desk string, p storage.TalkPass) error {
	err := s.talk(ctx, desk, func(t *tx, _ int64) error {
		_, err := t.exec(ctx, insert("talk_sessions", entryColumns), t.bind(entryFields(&p))...)
		return err
	})
	if err != nil {
		return fmt.Errorf("keep a session: %w", err)
	}
	return nil
}

// TalkSession implements storage.TalkDoor.
func (s *Store) TalkSession(ctx context.Context, desk, id string, now time.Time) (storage.TalkPass, error) {
	var p storage.TalkPass
	err := s.hear(ctx, desk, func(t *tx) error {
		return t.row(ctx, "SELECT "+entryColumns+" FROM talk_sessions WHERE desk_id = $1 AND id = $2 AND expires_at > $3",
			entryFields(&p), desk, id, now)
	})
	if err != nil {
		return storage.TalkPass{}, fmt.Errorf("read a session: %w", err)
	}
	return p, nil
}

// EndTalkSessions implements storage.TalkDoor.
func (s *Store) EndTalkSessions(ctx context.Context, desk, id, person string, now time.Time) error {
	err := s.talk(ctx, desk, func(t *tx, _ int64) error {
		_, err := t.exec(ctx, `DELETE FROM talk_sessions
			WHERE desk_id = $1 AND (id = $2 AND $2 <> '' OR person = $3 AND $2 = '' AND $3 <> '' OR expires_at <= $4)`, desk, id, person, now)
		return err
	})
	if err != nil {
		return fmt.Errorf("end a session: %w", err)
	}
	return nil
}
