package adaptertest

import (
	"slices"
	"strings"
	"testing"

	"taskbridge/bot/chat"
)

// nothingChanged is what an adapter tells a person itself.
const nothingChanged = "nothing was changed"

// persistence is how many tries tell that an adapter does not give up.
const persistence = 12

// testFailure: what could not be kept does not pass for kept.
func testFailure(t *testing.T, open Open) {
	tests := []struct {
		act   Act
		match func(chat.Inbound) bool
		do    func(b *bench, card string) Delivery
	}{
		{
			ActReply, about(func(s chat.Said) bool { return !s.Own }),
			func(b *bench, card string) Delivery { return b.Reply(card, "Is anybody there?") },
		},
		{
			ActCommand, about(func(chat.Command) bool { return true }),
			func(b *bench, _ string) Delivery { return b.Command("list") },
		},
		{
			ActPress, about(func(c chat.Click) bool { return c.Token == tokenAccept }),
			func(b *bench, card string) Delivery { return b.Press(card, buttonAccept) },
		},
		{
			ActSubmit, about(func(chat.Submitted) bool { return true }),
			func(b *bench, _ string) Delivery { return b.Submit(map[string]string{"reason": "too far"}) },
		},
	}
	for _, tt := range tests {
		t.Run(string(tt.act), func(t *testing.T) {
			t.Parallel()
			b := newBench(t, open)
			b.desk.answers(answering)
			root := b.post(chat.Post{Message: card(), DeliveryID: "card"})
			b.Echo()
			if tt.act == ActSubmit {
				b.Press(root, buttonAsk)
			}
			b.desk.breaks(tt.match)
			d := tt.do(b, root)
			lost := b.desk.waitFailed(t, "a failure", 1, tt.match)
			if kept, _ := b.desk.everything(); slices.ContainsFunc(kept, tt.match) {
				t.Fatal("it was kept")
			}
			same := func(in chat.Inbound) bool { return in.Key == lost.Key }
			switch b.Recovery(tt.act) {
			case PlatformRepeats, PlatformTells:
				if d.Acknowledged {
					t.Error("what was not kept was acknowledged")
				}
				b.desk.breaks(nil)
			case AdapterRepeats:
				b.desk.waitFailed(t, "another try", persistence, same)
				b.desk.breaks(nil)
				b.desk.wait(t, "the try that was kept", 1, same)
			case AdapterTells:
				b.toldNothingChanged(d)
				b.desk.breaks(nil)
			default:
				t.Fatalf("no recovery is declared for %s", tt.act)
			}
			b.leaksNothing(d)
			// Whoever delivers it again, its key was not used up by the failure.
			if again := d.Again(); !again.Acknowledged {
				t.Error("not acknowledged although it was kept")
			}
			b.desk.wait(t, "the delivery that was kept", 1, same)
		})
	}
}

func (b *bench) toldNothingChanged(d Delivery) {
	b.t.Helper()
	if strings.Contains(d.FieldErrors[""], nothingChanged) {
		return
	}
	b.whispered(b.Known().Person, nothingChanged)
}

// leaksNothing: the reason of a failure is the operators' business.
func (b *bench) leaksNothing(d Delivery) {
	b.t.Helper()
	texts := []string{d.FieldErrors[""]}
	for _, m := range append(b.Whispers(b.Known().Person), b.Messages(b.Channel())...) {
		texts = append(texts, m.Text)
	}
	for _, text := range texts {
		if strings.Contains(text, "db.internal") {
			b.t.Errorf("people were told %q", text)
		}
	}
}
