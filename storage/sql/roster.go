package sqlstore

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"taskbridge/storage"
)

const insertMember = `INSERT INTO members (desk_id, workspace, channel, person) VALUES ($1, $2, $3, $4)
	ON CONFLICT DO NOTHING`

// PutPerson implements storage.People.
func (t *tx) PutPerson(ctx context.Context, p storage.Person) error {
	// The words of earlier names stay: cards and histories go on saying them.
	err := t.later(ctx, t.store.sql.putPerson, t.bind(personFields(&p))...)
	for _, word := range words(p.Name) {
		if err == nil {
			err = t.later(ctx, `INSERT INTO person_words (desk_id, word, workspace, person) VALUES ($1, $2, $3, $4)
				ON CONFLICT DO NOTHING`, t.desk, word, p.Workspace, p.ID)
		}
	}
	if err != nil {
		return fmt.Errorf("put person %s: %w", p.ID, err)
	}
	return nil
}

// wordsMost is how many words of a name count.
const wordsMost = 6

// words are the words of a name as they are compared.
func words(name string) []string {
	list := strings.FieldsFunc(key(name), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	return list[:min(len(list), wordsMost)]
}

// FindPeople implements storage.People.
func (t *tx) FindPeople(ctx context.Context, name string, limit int) ([]storage.Person, error) {
	list := words(name)
	if len(list) == 0 {
		return nil, nil
	}
	f := &filter{args: []any{t.desk, list[0]}}
	for _, word := range list[1:] {
		f.add("EXISTS (SELECT 1 FROM person_words m WHERE m.desk_id = w.desk_id AND m.word = ? AND m.workspace = w.workspace AND m.person = w.person)", word)
	}
	f.args = append(f.args, limit)
	columns := "p." + strings.ReplaceAll(personColumns, ", ", ", p.")
	people, err := collect(ctx, t, personFields, fmt.Sprintf(`SELECT %s FROM person_words w
		JOIN people p ON p.desk_id = w.desk_id AND p.workspace = w.workspace AND p.id = w.person
		WHERE w.desk_id = $1 AND w.word = $2%s ORDER BY w.workspace, w.person LIMIT $%d`, columns, f.where.String(), len(f.args)), f.args...)
	if err != nil {
		return nil, fmt.Errorf("find people: %w", err)
	}
	return people, nil
}

// Person implements storage.People.
func (t *tx) Person(ctx context.Context, workspace, id string) (storage.Person, error) {
	var p storage.Person
	err := t.row(ctx, "SELECT "+personColumns+" FROM people WHERE desk_id = $1 AND workspace = $2 AND id = $3",
		personFields(&p), t.desk, workspace, id)
	if err != nil {
		return storage.Person{}, fmt.Errorf("read person %s: %w", id, err)
	}
	return p, nil
}

// lockMembers is for those who change who is in a channel: a list that was asked for
// would take back what somebody else tells at the same moment.
func (t *tx) lockMembers(ctx context.Context, workspace, channel string) error {
	return t.lock(ctx, exclusive, "members", workspace, channel)
}

// SetMembers implements storage.Membership.
func (t *tx) SetMembers(ctx context.Context, workspace, channel string, people []string, since int64, asked time.Time) error {
	var changed bool
	err := t.lockMembers(ctx, workspace, channel)
	if err == nil {
		err = t.row(ctx, `SELECT EXISTS (SELECT 1 FROM rosters
			WHERE desk_id = $1 AND workspace = $2 AND channel = $3 AND $4 > 0 AND access > $4)`, []any{&changed}, t.desk, workspace, channel, since)
	}
	if err == nil && changed {
		err = storage.ErrStale
	}
	var known []string
	if err == nil {
		known, _, err = t.Members(ctx, workspace, channel)
	}
	if err != nil {
		return fmt.Errorf("set the members of %s: %w", channel, err)
	}
	for _, p := range known {
		if !slices.Contains(people, p) {
			if err := t.RemoveMember(ctx, workspace, channel, p); err != nil {
				return err
			}
		}
	}
	for _, p := range people {
		if slices.Contains(known, p) {
			continue
		}
		if err := t.AddMember(ctx, workspace, channel, p); err != nil {
			return err
		}
	}
	err = t.later(ctx, `INSERT INTO rosters (desk_id, workspace, channel, access, asked_at) VALUES ($1, $2, $3, 0, $4)
		ON CONFLICT (desk_id, workspace, channel) DO UPDATE SET asked_at = excluded.asked_at`, t.desk, workspace, channel, asked)
	if err != nil {
		return fmt.Errorf("set the members of %s: %w", channel, err)
	}
	return nil
}

// AddMember implements storage.Membership.
func (t *tx) AddMember(ctx context.Context, workspace, channel, person string) error {
	err := t.lockMembers(ctx, workspace, channel)
	var n int64
	if err == nil {
		n, err = t.exec(ctx, insertMember, t.desk, workspace, channel, person)
	}
	if err == nil && n > 0 {
		err = t.membersChanged(ctx, workspace, channel)
	}
	if err != nil {
		return fmt.Errorf("add a member to %s: %w", channel, err)
	}
	return nil
}

// RemoveMember implements storage.Membership.
func (t *tx) RemoveMember(ctx context.Context, workspace, channel, person string) error {
	err := t.lockMembers(ctx, workspace, channel)
	var n int64
	if err == nil {
		n, err = t.exec(ctx, `DELETE FROM members
			WHERE desk_id = $1 AND workspace = $2 AND channel = $3 AND person = $4`, t.desk, workspace, channel, person)
	}
	if err == nil && n > 0 {
		err = t.membersChanged(ctx, workspace, channel)
	}
	if err != nil {
		return fmt.Errorf("remove a member of %s: %w", channel, err)
	}
	return nil
}

// ChangeAccess implements storage.Authority.
func (t *tx) ChangeAccess(ctx context.Context) error {
	if err := t.accessChanged(ctx); err != nil {
		return fmt.Errorf("make a new version of access: %w", err)
	}
	return nil
}

// accessChanged makes a new version of who may do what.
func (t *tx) accessChanged(ctx context.Context) error {
	return t.later(ctx, "UPDATE desks SET access = access + 1 WHERE id = $1", t.desk)
}

// membersChanged is accessChanged for who is in one channel.
func (t *tx) membersChanged(ctx context.Context, workspace, channel string) error {
	if err := t.accessChanged(ctx); err != nil {
		return err
	}
	return t.later(ctx, `INSERT INTO rosters (desk_id, workspace, channel, access)
		SELECT id, $2, $3, access FROM desks WHERE id = $1
		ON CONFLICT (desk_id, workspace, channel) DO UPDATE SET access = excluded.access`, t.desk, workspace, channel)
}

// Access implements storage.Authority.
func (t *tx) Access(ctx context.Context, since int64) (version int64, changed []storage.ChannelKey, err error) {
	if err := t.row(ctx, "SELECT access FROM desks WHERE id = $1", []any{&version}, t.desk); err != nil {
		return 0, nil, fmt.Errorf("read the version of access: %w", err)
	}
	changed, err = collect(ctx, t, func(l *storage.ChannelKey) []any { return []any{&l.Workspace, &l.ID} },
		"SELECT workspace, channel FROM rosters WHERE desk_id = $1 AND access > $2", t.desk, since)
	if err != nil {
		return 0, nil, fmt.Errorf("list the channels whose members changed: %w", err)
	}
	return version, changed, nil
}

// Members implements storage.Membership.
func (t *tx) Members(ctx context.Context, workspace, channel string) (people []string, asked time.Time, err error) {
	people, err = collect(ctx, t, func(s *string) []any { return []any{s} },
		"SELECT person FROM members WHERE desk_id = $1 AND workspace = $2 AND channel = $3 ORDER BY person",
		t.desk, workspace, channel)
	if err == nil {
		err = t.row(ctx, "SELECT COALESCE(max(asked_at), 0) FROM rosters WHERE desk_id = $1 AND workspace = $2 AND channel = $3",
			[]any{at(&asked)}, t.desk, workspace, channel)
	}
	if err != nil {
		return nil, time.Time{}, fmt.Errorf("list the members of %s: %w", channel, err)
	}
	return people, asked, nil
}
