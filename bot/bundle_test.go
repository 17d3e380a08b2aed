package bot_test

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"taskbridge/bot/chat"
	"taskbridge/storage"
)

const (
	mailWorkspace = "email:main"
	acmeAddress   = "jobs@acme.example"
	boltAddress   = "jobs@bolt.example"
)

// fakeMail is a platform that shows what is said in a thread together and cannot change
// what it showed.
type fakeMail struct {
	*fakePlatform
	sent   sync.Mutex
	bundle []chat.Bundle
	// taking, when set, decides about each bundle.
	taking func(context.Context, chat.Bundle) error
}

func (*fakeMail) BundleFor() time.Duration { return time.Minute }

func (m *fakeMail) Bundle(ctx context.Context, b chat.Bundle) error {
	m.sent.Lock()
	defer m.sent.Unlock()
	if m.taking != nil {
		if err := m.taking(ctx, b); err != nil {
			return err
		}
	}
	m.bundle = append(m.bundle, b)
	return nil
}

// deliver has what is shown decided about from here on, nil for taking all of it.
func (m *fakeMail) deliver(taking func(context.Context, chat.Bundle) error) {
	m.sent.Lock()
	defer m.sent.Unlock()
	m.taking = taking
}

// Address implements chat.Postal.
func (m *fakeMail) Address(typed string) (chat.ChannelInfo, bool) {
	return chat.ChannelInfo{ID: typed, Name: typed, URL: "mailto:" + typed, Private: true}, strings.Contains(typed, "@")
}

// bundles are the words that were shown together to an address, one line for each time.
func (m *fakeMail) bundles(channel string) (out []string) {
	m.sent.Lock()
	defer m.sent.Unlock()
	for _, b := range m.bundle {
		if b.Channel != channel {
			continue
		}
		var parts []string
		for _, p := range b.Parts {
			words := p.Message.Text.String()
			if p.Changed {
				words += " (changed)"
			}
			parts = append(parts, words)
		}
		out = append(out, strings.Join(parts, " | "))
	}
	return out
}

// byMail is a desk on the first platform whose two firms have nothing but an address.
func byMail(t *testing.T) (*desk, *fakeMail) {
	t.Helper()
	d := newDesk(t)
	m := &fakeMail{fakePlatform: newFakePlatform(mailWorkspace)}
	for _, address := range []string{acmeAddress, boltAddress} {
		m.addPerson(address, chat.External, false)
		m.addChannel(address, address, "bot")
	}
	if err := d.engine.Attach(t.Context(), m, "", ""); err != nil {
		t.Fatal(err)
	}
	d.says("anna", "ops", "here operations")
	expect(t, d.says("olivia", "ops", "contractor add Leeds | Acme Heating | "+acmeAddress), "works by e-mail")
	expect(t, d.says("olivia", "ops", "contractor add Hull | Bolt | "+boltAddress), "works by e-mail")
	d.says("olivia", "ops", "new Boiler down")
	d.says("olivia", "ops", "assign 1 acme")
	return d, m
}

// mail is the desk as an address sees it.
func (d *desk) mail(m *fakeMail) *desk {
	other := *d
	other.p, other.second = m.fakePlatform, d.p
	return &other
}

// TestBundle: what is said within a while is shown at once, with the card as it is then,
// to the firm that it is for.
func TestBundle(t *testing.T) {
	t.Parallel()
	d, m := byMail(t)
	letters := d.mail(m)
	card := letters.waitCard(acmeAddress, "#1", "Accept", "Decline", "Suggest other terms")
	letters.click(acmeAddress, acmeAddress, card, "Accept")
	d.says("olivia", "ops", "comment 1 Mind the dog")
	d.says("olivia", "ops", "comment 1 Ring twice")
	if got := m.bundles(acmeAddress); len(got) > 0 {
		t.Errorf("shown before it was due: %q", got)
	}
	d.until("what is gathered", func() bool {
		n := 0
		err := d.store.View(t.Context(), "main", func(tx storage.Tx) error {
			list, err := tx.Gathered(t.Context(), mailWorkspace, acmeAddress, card.ID)
			n = len(list)
			return err
		})
		return err == nil && n >= 2
	})
	d.advance(2 * time.Minute)
	d.until("the bundle", func() bool { return len(m.bundles(acmeAddress)) == 1 })
	if got := m.bundles(acmeAddress)[0]; !strings.Contains(got, "Mind the dog | Ring twice") {
		t.Errorf("shown together: %q", got)
	}
	m.sent.Lock()
	first := m.bundle[0]
	m.sent.Unlock()
	if !first.Changed || first.Thread != card.ID || !strings.Contains(first.Card.Title, "#1") || first.DeliveryID == "" {
		t.Errorf("the bundle is %+v", first)
	}
	if got := m.bundles(boltAddress); len(got) > 0 {
		t.Errorf("another firm was shown %q", got)
	}
}

// TestSaidByMail: what a firm without a channel says stands in the desk's own thread, and
// in no letter to anybody; what the desk says in that thread stays with the desk.
func TestSaidByMail(t *testing.T) {
	t.Parallel()
	d, m := byMail(t)
	letters := d.mail(m)
	card := letters.waitCard(acmeAddress, "#1", "Accept", "Decline", "Suggest other terms")
	letters.click(acmeAddress, acmeAddress, card, "Accept")
	ops := d.issueCard("#1")
	said := chat.Inbound{From: chat.Person{ID: acmeAddress, Name: "Cora Lee"}, Channel: acmeAddress, Body: chat.Said{Message: card.ID + "-1", Thread: card.ID, Text: "On my way"}}
	letters.handle(said)
	letters.handle(said)
	d.until("the words in the desk's thread", func() bool { return len(d.thread("ops", ops.ID)) > 0 })
	if got := d.thread("ops", ops.ID); len(got) != 1 || !strings.HasSuffix(got[0], ", by e-mail: On my way") {
		t.Errorf("the desk's thread has %q", got)
	}
	d.reply("olivia", "ops", ops.ID, "o1", "They are late again")
	d.advance(2 * time.Minute)
	d.drained()
	for _, address := range []string{acmeAddress, boltAddress} {
		for _, b := range m.bundles(address) {
			if strings.Contains(b, "late again") || strings.Contains(b, "On my way") {
				t.Errorf("%s was shown %q", address, b)
			}
		}
	}
	if c := d.comments(1); !slices.ContainsFunc(c, func(v chat.CommentView) bool { return v.Text == "On my way" && v.Visibility == "shared" }) {
		t.Errorf("the history has %+v", c)
	}
}

// TestAddressOfAnotherFirm: a firm that is refused for its address is not there.
func TestAddressOfAnotherFirm(t *testing.T) {
	t.Parallel()
	d, _ := byMail(t)
	expect(t, d.says("olivia", "ops", "contractor add York | Crane | "+acmeAddress), "is or was the address of another firm")
	lacks(t, d.says("olivia", "ops", "contractor list"), "Crane")
}
