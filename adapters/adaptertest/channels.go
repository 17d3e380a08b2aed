package adaptertest

import (
	"slices"
	"testing"
	"time"

	"taskbridge/bot/chat"
)

// testChannels: channels are made once, found, and filled.
func testChannels(t *testing.T, open Open) {
	b := newBench(t, open)
	ctx, p, known := t.Context(), b.Platform(), b.Known()
	spec := chat.ChannelSpec{Name: "ext-bonn-muster", Title: "Muster, Bonn", Purpose: "Jobs for Muster. Ref 0a1b2c", Mark: "Ref 0a1b2c", Since: time.Now()}
	if none, err := p.FindChannel(ctx, spec); b.note(err) != nil || none.ID != "" {
		t.Errorf("before it was made %+v was found, %v", none, err)
	}
	made, err := p.CreateChannel(ctx, spec)
	if b.note(err) != nil || made.ID == "" || made.URL == "" || !made.Private || made.Archived {
		t.Fatalf("made %+v, %v", made, err)
	}
	_, err = p.CreateChannel(ctx, spec)
	b.refused("a taken name", b.note(err), chat.NameTaken)
	// What was made for another is not taken, whatever its name.
	other := spec
	other.Mark = "Ref ffffff"
	for mark, want := range map[*chat.ChannelSpec]string{&spec: made.ID, &other: ""} {
		if got, err := p.FindChannel(ctx, *mark); b.note(err) != nil || got.ID != want {
			t.Errorf("marked %q %+v was found, %v", mark.Mark, got, err)
		}
	}
	for _, key := range []string{made.ID, spec.Name} {
		if got, err := p.Channel(ctx, key); b.note(err) != nil || got.ID != made.ID || got.Name != spec.Name {
			t.Errorf("channel %q is %+v, %v", key, got, err)
		}
	}
	_, err = p.Channel(ctx, "there-is-none")
	b.refused("an unknown channel", b.note(err), chat.NotFound)
	for _, try := range []string{"first", "second"} {
		if err := b.note(p.AddMembers(ctx, made.ID, []string{known.Person, known.Colleague, p.Self().ID})); err != nil {
			t.Errorf("adding for the %s time: %v", try, err)
		}
	}
	members, err := p.Members(ctx, made.ID)
	if b.note(err) != nil || len(members) != 3 || !slices.Contains(members, known.Colleague) || !slices.Contains(members, p.Self().ID) {
		t.Errorf("members %v, %v", members, err)
	}
	if b.note(p.AddMembers(ctx, made.ID, []string{known.Nobody})) == nil {
		t.Error("nobody was added")
	}
}

// testPeople: people are known by id, and invited by address.
func testPeople(t *testing.T, open Open) {
	b := newBench(t, open)
	ctx, p, known := t.Context(), b.Platform(), b.Known()
	self := p.Self()
	if self.ID == "" || self.Kind != chat.Bot {
		t.Errorf("we are %+v", self)
	}
	got, err := p.Person(ctx, known.Person)
	if b.note(err) != nil || got.ID != known.Person || got.Name == "" || got.Kind != chat.Member || got.Admin {
		t.Errorf("the person is %+v, %v", got, err)
	}
	_, err = p.Person(ctx, known.Nobody)
	b.refused("nobody", b.note(err), chat.NotFound)

	joined, err := p.Invite(ctx, chat.InviteSpec{Channel: b.Channel(), Address: known.Address})
	if b.note(err) != nil || joined.State != chat.InviteJoined {
		t.Errorf("the colleague: %+v, %v", joined, err)
	}
	if members, err := p.Members(ctx, b.Channel()); b.note(err) != nil || !slices.Contains(members, known.Colleague) {
		t.Errorf("members %v, %v", members, err)
	}
	// Whether somebody outside can be invited is the platform's affair; what became
	// of it is said in words either way.
	out, err := p.Invite(ctx, chat.InviteSpec{Channel: b.Channel(), Address: "boss@muster.example"})
	if b.note(err) != nil || out.State != chat.InviteSent && out.State != chat.InviteFailed || out.Note == "" {
		t.Errorf("somebody outside: %+v, %v", out, err)
	}
	_, err = p.Invite(ctx, chat.InviteSpec{Channel: b.Channel(), Address: "@nobody-of-that-name"})
	b.refused("an unknown name", b.note(err), chat.NotFound)
}
