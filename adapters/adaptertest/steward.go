package adaptertest

import (
	"slices"
	"testing"
	"time"

	"taskbridge/bot/chat"
)

// testStewards: a channel can be emptied and closed, each as often as it is asked for.
func testStewards(t *testing.T, open Open) {
	b := newBench(t, open)
	ctx, p, known := t.Context(), b.Platform(), b.Known()
	s, ok := p.(chat.Steward)
	if !ok {
		t.Skip("this platform leaves that to people")
	}
	made, err := p.CreateChannel(ctx, chat.ChannelSpec{Name: "ext-ulm-rohr", Title: "Rohr, Ulm", Purpose: "Jobs. Ref 9f9f9f", Mark: "Ref 9f9f9f", Since: time.Now()})
	if b.note(err) != nil {
		t.Fatal(err)
	}
	if err := b.note(p.AddMembers(ctx, made.ID, []string{known.Person, known.Colleague})); err != nil {
		t.Fatal(err)
	}
	for _, try := range []string{"first", "second"} {
		if err := b.note(s.RemoveMember(ctx, made.ID, known.Colleague)); err != nil {
			t.Errorf("removing for the %s time: %v", try, err)
		}
	}
	members, err := p.Members(ctx, made.ID)
	if b.note(err) != nil || slices.Contains(members, known.Colleague) || !slices.Contains(members, known.Person) {
		t.Errorf("members %v, %v", members, err)
	}
	for _, try := range []string{"first", "second"} {
		if err := b.note(s.ArchiveChannel(ctx, made.ID)); err != nil {
			t.Errorf("archiving for the %s time: %v", try, err)
		}
	}
	if got, err := p.Channel(ctx, made.ID); b.note(err) != nil || !got.Archived {
		t.Errorf("archived it is %+v, %v", got, err)
	}
	// Whether a program may bring it back is the platform's affair, and is said.
	restored := b.note(s.RestoreChannel(ctx, made.ID))
	if restored != nil && chat.ReasonOf(restored) != chat.Unsupported {
		t.Errorf("restoring: %v", restored)
	}
	if got, err := p.Channel(ctx, made.ID); b.note(err) != nil || got.Archived != (restored != nil) {
		t.Errorf("restored it is %+v, %v", got, err)
	}
}
