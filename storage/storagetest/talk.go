package storagetest

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"taskbridge/storage"
)

// testTalk: the workspace in the browser keeps what is said once, in order, for those
// who may read it.
func testTalk(t *testing.T, open opener) {
	s, ctx := setup(t, open), t.Context()
	for _, p := range []storage.Talker{
		{ID: "ann", Name: "Ann", Email: "ann@example.org", Kind: "member", CreatedAt: noon()},
		{ID: "bob", Name: "Bob", Email: "bob@example.org", Alias: "slack:T1/U2", Kind: "guest", CreatedAt: noon()},
	} {
		must(t, s.PutTalker(ctx, desk, p))
	}
	wantError(t, s.PutTalker(ctx, desk, storage.Talker{ID: "eve", Email: "ann@example.org"}), storage.ErrExists)
	for _, name := range []string{"bob", "Bob@Example.org", "slack:T1/U2"} {
		got, err := s.Talker(ctx, desk, name)
		must(t, err)
		same(t, "who is called "+name, got.ID, "bob")
	}
	_, err := s.Talker(ctx, otherDesk, "ann")
	wantError(t, err, storage.ErrNotFound)

	must(t, s.OpenRoom(ctx, desk, storage.Room{ID: "r1", Name: "firm", Title: "Firm", Purpose: "Jobs", CreatedAt: noon()}))
	wantError(t, s.OpenRoom(ctx, desk, storage.Room{ID: "r2", Name: "firm"}), storage.ErrExists)
	tell := func(p string) storage.Tale {
		return storage.Tale{Key: "joined " + p, Payload: []byte(p), At: noon()}
	}
	added, err := s.Seat(ctx, desk, "r1", []string{"ann", "bob"}, tell)
	must(t, err)
	same(t, "newcomers", added, []string{"ann", "bob"})
	added, err = s.Seat(ctx, desk, "r1", []string{"ann"}, tell)
	must(t, err)
	same(t, "newcomers of the second time", added, []string(nil))
	_, err = s.Seat(ctx, desk, "r1", []string{"nobody"}, nil)
	wantError(t, err, storage.ErrNotFound)

	say := func(m storage.TalkMessage) (storage.TalkMessage, bool, error) {
		m.Room, m.CreatedAt = "r1", noon()
		return s.Say(ctx, desk, m, func(said storage.TalkMessage) storage.Tale {
			return storage.Tale{Key: "said " + said.ID, Payload: []byte(said.ID), At: noon()}
		})
	}
	must(t, s.PutTalkFile(ctx, desk, storage.TalkFile{ID: "f1", Room: "r1", Name: "a.png", Type: "image/png", Size: 3, Digest: "d", CreatedAt: noon()}))
	root, fresh, err := say(storage.TalkMessage{ID: "m1", Author: "ann", Text: "Hello", Files: []string{"f1"}, Calls: []string{"bob"}, Delivery: "once"})
	must(t, err)
	if !fresh {
		t.Error("the first is not fresh")
	}
	again, fresh, err := say(storage.TalkMessage{ID: "m2", Author: "ann", Text: "Hello", Delivery: "once"})
	must(t, err)
	if fresh || again.ID != root.ID || again.Seq != root.Seq {
		t.Errorf("the same again made %+v", again)
	}
	_, _, err = say(storage.TalkMessage{ID: "m3", Author: "ann", Files: []string{"f1"}})
	wantError(t, err, storage.ErrStale)
	_, _, err = say(storage.TalkMessage{ID: "m3", Author: "ann", Thread: "m0"})
	wantError(t, err, storage.ErrNotFound)
	_, _, err = s.Say(ctx, desk, storage.TalkMessage{ID: "m3", Room: "r9"}, nil)
	wantError(t, err, storage.ErrClosed)
	reply, _, err := say(storage.TalkMessage{ID: "m4", Author: "bob", Thread: "m1", Text: "Hi"})
	must(t, err)
	same(t, "when the first reply was made", reply.CreatedAt, noon())
	_, _, err = say(storage.TalkMessage{ID: "m5", Author: "ann", Text: "For Bob", To: "bob"})
	must(t, err)

	for range 2 {
		must(t, s.CloseRoom(ctx, desk, "r1", true))
	}
	if r, err := s.Room(ctx, desk, "r1"); err != nil || !r.Archived {
		t.Errorf("closed it is %+v, %v", r, err)
	}
	_, _, err = say(storage.TalkMessage{ID: "m6", Author: "ann", Text: "Too late"})
	wantError(t, err, storage.ErrClosed)
	must(t, s.CloseRoom(ctx, desk, "r1", false))
	wantError(t, s.CloseRoom(ctx, desk, "r9", true), storage.ErrNotFound)
	wantError(t, s.CloseRoom(ctx, otherDesk, "r1", true), storage.ErrNotFound)

	talkLists(t, s, reply)
	talkChanges(t, s, root)
}

func talkLists(t *testing.T, s storage.Store, reply storage.TalkMessage) {
	t.Helper()
	ctx := t.Context()
	ids := func(f storage.TalkFilter) []string {
		list, err := s.ListTalk(ctx, desk, f)
		must(t, err)
		var out []string
		for _, m := range list {
			out = append(out, m.ID)
		}
		return out
	}
	same(t, "what Ann reads", ids(storage.TalkFilter{Room: "r1", Reader: "ann"}), []string{"m1"})
	same(t, "what Bob reads", ids(storage.TalkFilter{Room: "r1", Reader: "bob"}), []string{"m1", "m5"})
	same(t, "the thread", ids(storage.TalkFilter{Room: "r1", Thread: "m1"}), []string{"m1", "m4"})
	same(t, "the newest", ids(storage.TalkFilter{Room: "r1", Reader: "bob", Limit: 1}), []string{"m5"})
	same(t, "before the reply", ids(storage.TalkFilter{Room: "r1", Reader: "bob", Before: reply.Seq}), []string{"m1"})
	roots, err := s.ListTalk(ctx, desk, storage.TalkFilter{Room: "r1", Reader: "ann"})
	must(t, err)
	if roots[0].Replies != 1 || !roots[0].RepliedAt.Equal(noon()) || !slices.Equal(roots[0].Files, []string{"f1"}) {
		t.Errorf("the root is %+v", roots[0])
	}
	rooms, err := s.Rooms(ctx, desk, "ann")
	must(t, err)
	// Her own message moved her mark past nothing of Bob's that came after it, and what
	// is for Bob alone is not counted.
	if len(rooms) != 1 || rooms[0].Unread != 0 {
		t.Errorf("Ann's rooms are %+v", rooms)
	}
	// The reply is new to Ann until she has read it in its thread, whatever she has read in
	// the channel; to Bob, who wrote it, and to who is not in the channel it never is.
	must(t, s.MarkSeen(ctx, desk, "r1", "ann", reply.Seq))
	news := func(person string) int {
		t.Helper()
		listed, err := s.ListTalk(ctx, desk, storage.TalkFilter{Room: "r1", Reader: person})
		must(t, err)
		since, err := s.TalkSince(ctx, desk, person, 0, 10)
		must(t, err)
		n := listed[0].New
		for _, m := range since {
			if m.ID == "m1" && m.New != n {
				t.Errorf("%s has %d new replies, and of what has changed %d", person, n, m.New)
			}
		}
		return n
	}
	same(t, "what is new to Ann, Bob and another", []int{news("ann"), news("bob"), news("eve")}, []int{1, 0, 0})
	must(t, s.MarkThreadSeen(ctx, desk, "r2", "m1", "ann", reply.Seq))
	must(t, s.MarkThreadSeen(ctx, desk, "r1", "m1", "ann", reply.Seq-1))
	same(t, "what is new to Ann who has read less", news("ann"), 1)
	must(t, s.MarkThreadSeen(ctx, desk, "r1", "m1", "ann", reply.Seq))
	must(t, s.MarkThreadSeen(ctx, desk, "r1", "m1", "ann", 1))
	same(t, "what is new to Ann who has read it", news("ann"), 0)
	must(t, s.Pin(ctx, desk, "m4", true))
	same(t, "what is pinned", ids(storage.TalkFilter{Room: "r1", Pinned: true}), []string{"m4"})
	wantError(t, s.Pin(ctx, desk, "m9", true), storage.ErrNotFound)
}

func talkChanges(t *testing.T, s storage.Store, root storage.TalkMessage) {
	t.Helper()
	ctx := t.Context()
	before, err := s.TalkChange(ctx, desk)
	must(t, err)
	edited := noon().Add(time.Minute)
	is, err := s.Reword(ctx, desk, storage.TalkMessage{ID: "m1", Text: "Hello!", EditedAt: edited}, time.Time{}, storage.Tale{Key: "edited", At: edited})
	must(t, err)
	// Of two who edit the same words one comes first, and the other is told.
	_, err = s.Reword(ctx, desk, storage.TalkMessage{ID: "m1", Text: "Hallo!", EditedAt: edited.Add(time.Second)}, time.Time{}, storage.Tale{})
	wantError(t, err, storage.ErrStale)
	if is.Change <= before || is.Seq != root.Seq || !is.EditedAt.Equal(edited) {
		t.Errorf("reworded it is %+v", is)
	}
	again, err := s.Reword(ctx, desk, storage.TalkMessage{ID: "m1", Text: "Hello!", EditedAt: edited.Add(time.Second)}, time.Time{}, storage.Tale{})
	must(t, err)
	if !again.EditedAt.Equal(edited) {
		t.Errorf("reworded by two to the same it is %+v", again)
	}
	for n := range 2 {
		gone, err := s.Retract(ctx, desk, "m4", edited.Add(time.Duration(n)*time.Second), storage.Tale{})
		must(t, err)
		if !gone.Equal(edited) {
			t.Errorf("it went at %v", gone)
		}
	}
	_, err = s.Retract(ctx, desk, "m9", edited, storage.Tale{})
	wantError(t, err, storage.ErrNotFound)
	_, err = s.Reword(ctx, desk, storage.TalkMessage{ID: "m4", Text: "x"}, time.Time{}, storage.Tale{})
	wantError(t, err, storage.ErrNotFound)
	since, err := s.TalkSince(ctx, desk, "bob", before, 10)
	must(t, err)
	if len(since) != 2 || since[0].ID != "m1" || since[1].ID != "m4" || since[1].DeletedAt.IsZero() {
		t.Errorf("since then: %+v", since)
	}
	untold, err := s.Untold(ctx, desk, edited.Add(time.Hour), 10)
	must(t, err)
	var keys []string
	for _, tale := range untold {
		keys = append(keys, tale.Key)
	}
	same(t, "what was not told", keys, []string{"joined ann", "joined bob", "said m1", "said m4", "said m5", "edited"})
	// Who looked at the clock first and came second speaks second.
	var told time.Time
	late, _, err := s.Say(ctx, desk, storage.TalkMessage{ID: "m6", Room: "r1", Thread: "m1", Author: "ann", CreatedAt: noon().Add(-time.Hour)},
		func(said storage.TalkMessage) storage.Tale {
			told = said.CreatedAt
			return storage.Tale{}
		})
	must(t, err)
	same(t, "when the late reply was made", late.CreatedAt, noon().Add(time.Microsecond))
	same(t, "when the bot is told it was made", told, late.CreatedAt)
	must(t, s.Told(ctx, desk, "joined ann"))
	untold, err = s.Untold(ctx, desk, edited, 2)
	must(t, err)
	same(t, "how many are left", len(untold), 2)
	same(t, "the first of them", string(untold[0].Payload), "bob")
	must(t, s.Unseat(ctx, desk, "r1", "bob", storage.Tale{Key: "left bob", At: edited}))
	seated, err := s.Seated(ctx, desk, "r1")
	must(t, err)
	same(t, "who is in", seated, []string{"ann"})
	since, err = s.TalkSince(ctx, desk, "bob", 0, 10)
	must(t, err)
	if len(since) != 1 || since[0].ID != "m5" {
		t.Errorf("whoever has left reads %+v", since)
	}
	must(t, s.DropTalkFiles(ctx, desk, []string{"f1", "f9"}))
	testHiddenFiles(t, s)
	_, err = s.TalkFile(ctx, desk, "f1")
	wantError(t, err, storage.ErrNotFound)
}

// testTalkDoor: a link lets its person in once and soon, and not too many are given.
func testTalkDoor(t *testing.T, open opener) {
	s, ctx := setup(t, open), t.Context()
	link := func(id string, at time.Time) error {
		return s.PutTalkLink(ctx, desk, storage.TalkPass{ID: id, Person: "ann", Place: "C1", CreatedAt: at, ExpiresAt: at.Add(time.Minute)}, at.Add(-time.Hour), 2)
	}
	must(t, link("one", noon()))
	must(t, link("two", noon()))
	wantError(t, link("three", noon()), storage.ErrStale)
	looked, err := s.TalkLink(ctx, desk, "one", noon())
	must(t, err)
	taken, err := s.TakeTalkLink(ctx, desk, "one", noon())
	must(t, err)
	same(t, "the link that is only looked at", looked, taken)
	same(t, "the link", taken, storage.TalkPass{ID: "one", Person: "ann", Place: "C1", CreatedAt: noon(), ExpiresAt: noon().Add(time.Minute)})
	for name, try := range map[string]struct {
		desk, id string
		at       time.Time
	}{
		"used":         {desk, "one", noon()},
		"expired":      {desk, "two", noon().Add(time.Minute)},
		"unknown":      {desk, "four", noon()},
		"another desk": {otherDesk, "two", noon()},
	} {
		if _, err := s.TakeTalkLink(ctx, try.desk, try.id, try.at); err == nil {
			t.Errorf("%s: it let somebody in", name)
		}
		if seen, err := s.TalkLink(ctx, try.desk, try.id, try.at); err == nil {
			t.Errorf("%s: it is there as %+v", name, seen)
		}
	}
	must(t, link("later", noon().Add(2*time.Hour)))
	for _, id := range []string{"s1", "s2"} {
		must(t, s.PutTalkSession(ctx, desk, storage.TalkPass{ID: id, Person: "ann", Place: "C2", CreatedAt: noon(), ExpiresAt: noon().Add(time.Hour)}))
	}
	got, err := s.TalkSession(ctx, desk, "s1", noon())
	must(t, err)
	same(t, "whose session it is", got.Person, "ann")
	same(t, "where they act for a firm", got.Place, "C2")
	_, err = s.TalkSession(ctx, desk, "s1", noon().Add(time.Hour))
	wantError(t, err, storage.ErrNotFound)
	must(t, s.EndTalkSessions(ctx, desk, "s1", "", noon()))
	_, err = s.TalkSession(ctx, desk, "s1", noon())
	wantError(t, err, storage.ErrNotFound)
	must(t, s.EndTalkSessions(ctx, desk, "", "ann", noon()))
	_, err = s.TalkSession(ctx, desk, "s2", noon())
	wantError(t, err, storage.ErrNotFound)
}

// testTalkRetired: who is retired keeps a name for what they said, and nothing with which
// to come in or to act; the last administrator stays.
func testTalkRetired(t *testing.T, open opener) {
	s, ctx := setup(t, open), t.Context()
	people := []storage.Talker{
		{ID: "ann", Name: "Ann", Email: "ann@example.org", Kind: "member", Admin: true, CreatedAt: noon()},
		{ID: "bob", Name: "Bob", Email: "bob@example.org", Kind: "member", CreatedAt: noon()},
		// A guest has no rights, whatever it says.
		{ID: "gil", Name: "Gil", Email: "gil@example.org", Kind: "guest", Admin: true, CreatedAt: noon()},
	}
	for _, p := range people {
		must(t, s.PutTalker(ctx, desk, p))
	}
	must(t, s.PutTalker(ctx, otherDesk, people[1]))
	for _, room := range []string{"r1", "r2"} {
		must(t, s.OpenRoom(ctx, desk, storage.Room{ID: room, Name: room, CreatedAt: noon()}))
		_, err := s.Seat(ctx, desk, room, []string{"ann", "bob"}, nil)
		must(t, err)
	}
	pass := func(id, person string) storage.TalkPass {
		return storage.TalkPass{ID: id, Person: person, CreatedAt: noon(), ExpiresAt: noon().Add(time.Hour)}
	}
	for _, person := range []string{"ann", "bob"} {
		must(t, s.PutTalkLink(ctx, desk, pass("link "+person, person), noon(), 5))
		must(t, s.PutTalkSession(ctx, desk, pass("session "+person, person)))
	}
	tell := func(room string) storage.Tale {
		return storage.Tale{Key: "left " + room, Payload: []byte(room), At: noon()}
	}
	_, err := s.RetireTalker(ctx, desk, "ann", tell)
	wantError(t, err, storage.ErrStale)
	rooms, err := s.RetireTalker(ctx, desk, "bob", tell)
	must(t, err)
	slices.Sort(rooms)
	same(t, "where he was", rooms, []string{"r1", "r2"})
	got, err := s.Talker(ctx, desk, "bob")
	must(t, err)
	same(t, "what is left", got, storage.Talker{ID: "bob", Name: "Bob", CreatedAt: noon()})
	for _, name := range []string{"bob", "nobody"} {
		_, err = s.RetireTalker(ctx, desk, name, tell)
		wantError(t, err, storage.ErrNotFound)
	}
	_, err = s.TakeTalkLink(ctx, desk, "link bob", noon())
	wantError(t, err, storage.ErrNotFound)
	_, err = s.TalkSession(ctx, desk, "session bob", noon())
	wantError(t, err, storage.ErrNotFound)
	_, err = s.TalkSession(ctx, desk, "session ann", noon())
	must(t, err)
	seated, err := s.Seated(ctx, desk, "r1")
	must(t, err)
	same(t, "who is in", seated, []string{"ann"})
	tales, err := s.Untold(ctx, desk, noon().Add(time.Hour), 10)
	must(t, err)
	same(t, "what the bot is told", len(tales), 2)
	other, err := s.Talker(ctx, otherDesk, "bob")
	must(t, err)
	same(t, "who is of another desk", other, people[1])
	must(t, s.PutTalker(ctx, desk, storage.Talker{ID: "bob2", Name: "Bob", Email: "bob@example.org", Kind: "member", Admin: true, CreatedAt: noon()}))
	_, err = s.RetireTalker(ctx, desk, "ann", tell)
	must(t, err)
}

// testHiddenFiles: what nothing shows is forgotten when it is old; what is new, what a
// message shows and what is of another desk stays.
func testHiddenFiles(t *testing.T, s storage.Store) {
	ctx := t.Context()
	put := func(desk, id, message string, at time.Time) {
		must(t, s.PutTalkFile(ctx, desk, storage.TalkFile{ID: id, Room: "r1", Message: message, Name: "a", Digest: "d", CreatedAt: at}))
	}
	put(desk, "old", "", noon())
	put(desk, "new", "", noon().Add(2*time.Hour))
	put(desk, "shown", "m1", noon())
	put(otherDesk, "theirs", "", noon())
	for round, want := range []int{1, 0} {
		n, err := s.DropHiddenFiles(ctx, desk, noon().Add(time.Hour))
		must(t, err)
		same(t, fmt.Sprintf("how many were forgotten the %d. time", round+1), n, want)
	}
	_, err := s.TalkFile(ctx, desk, "old")
	wantError(t, err, storage.ErrNotFound)
	for id, of := range map[string]string{"new": desk, "shown": desk, "theirs": otherDesk} {
		_, err := s.TalkFile(ctx, of, id)
		must(t, err)
	}
	must(t, s.DropTalkFiles(ctx, desk, []string{"new", "shown"}))
}
