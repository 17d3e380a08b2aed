package bot_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"taskbridge/bot/chat"
	"taskbridge/storage"
)

var channelAlphabet = regexp.MustCompile(`^ext-[a-z0-9]+(-[a-z0-9]+)*$`)

// channels are the names of the firms' channels on the platform.
func (d *desk) firmChannels() []string {
	d.p.mu.Lock()
	defer d.p.mu.Unlock()
	var out []string
	for name := range d.p.channels {
		if strings.HasPrefix(name, "ext-") {
			out = append(out, name)
		}
	}
	return out
}

func TestChannelNames(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ city, company, want string }{
		{"Leeds", "Acme Heating", "ext-leeds-acme-heating"},
		{"München", "Müller & Söhne — Строй", ""},
		{"Екатеринбург", "ООО Тепло", ""},
		{"北京", "暖气公司", ""},
		{"!!!", "???", ""},
		{"a_b", "C.D/E", ""},
		{strings.Repeat("Long", 25), strings.Repeat("Name", 25), ""},
		{strings.Repeat("ü", 100), strings.Repeat("Щ", 100), ""},
		{"İstanbul", "ẞ KG", ""},
	} {
		t.Run(c.city, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t)
			d.says("anna", "ops", "here operations")
			expect(t, d.says("olivia", "ops", "contractor add "+c.city+" | "+c.company), "is set up")
			names := d.firmChannels()
			if len(names) != 1 || !channelAlphabet.MatchString(names[0]) || len(names[0]) > 40 {
				t.Fatalf("names %q", names)
			}
			if c.want != "" && names[0] != c.want {
				t.Errorf("name %q, want %q", names[0], c.want)
			}
			expect(t, d.says("olivia", "ops", "contractor add "+strings.ToUpper(c.city)+" | "+c.company), "is here already")
			if n := len(d.firmChannels()); n != 1 {
				t.Errorf("the same firm again made %d channels", n)
			}
		})
	}
}

// TestTakenChannelNames never reuses a channel that merely bears the name.
func TestTakenChannelNames(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.says("anna", "ops", "here operations")
	d.p.addChannel("ext-leeds-acme-heating", "sam")
	d.p.addChannel("ext-leeds-acme-heating-2", "sam")
	expect(t, d.says("olivia", "ops", "contractor add Leeds | Acme Heating"), "ext-leeds-acme-heating-3")
	d.waitText("ext-leeds-acme-heating-3", "Accept")
	long := strings.Repeat("x", 100)
	expect(t, d.says("olivia", "ops", "contractor add A | "+long+"1"[:0]), "is set up")
	expect(t, d.says("olivia", "ops", "contractor add A | "+long[:99]+"y"), "is set up")
	for _, name := range d.firmChannels() {
		if len(name) > 40 || !channelAlphabet.MatchString(name) {
			t.Errorf("name %q", name)
		}
	}
	for _, name := range []string{"ext-leeds-acme-heating", "ext-leeds-acme-heating-2"} {
		if d.dump(name) != "" {
			t.Errorf("%s was used: %s", name, d.dump(name))
		}
	}
}

func TestMovedChannelKeepsItsJobs(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	card := d.accepted()
	d.drained()
	d.moves(firmChannel, "C-new")
	d.reply("cora", "C-new", card.ID, "r1", "still here")
	if c, ok := d.comment("r1"); !ok || c.Visibility != "shared" {
		t.Errorf("a reply in the moved channel: %+v", c)
	}
	d.says("olivia", "ops", "comment 1 Good")
	d.waitText("C-new", "Good")
	card = d.waitCard("C-new", "#1", "Complete", "Hand over")
	if a := d.click("cora", "C-new", card, "Complete"); a.Form == nil {
		t.Errorf("a click in the moved channel: %+v", a)
	}
}

func TestSeveredChannelIsTold(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	for change, part := range map[chat.ChannelChange]string{
		chat.ChannelSevered: "no longer shared", chat.ChannelArchived: "was archived", chat.ChannelDeleted: "was deleted", chat.ChannelBotRemoved: "no longer has me",
	} {
		d.handle(chat.Inbound{From: chat.Person{ID: "cora"}, Channel: firmChannel, Body: chat.ChannelChanged{Change: change}})
		d.waitText("ops", part)
	}
	expect(t, d.says("olivia", "ops", "contractor list"), "Acme Heating, Leeds")
}

// TestNamesOfFirms completes, and asks back where it cannot.
func TestNamesOfFirms(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.says("anna", "ops", "here operations")
	for _, f := range []string{"Leeds | Acme Heating", "York | Acme Heating", "Leeds | Baker Plumbing", "Hull | Şahin Isı", "Köln | Müller"} {
		expect(t, d.says("olivia", "ops", "contractor add "+f), "is set up")
	}
	n := 0
	for name, want := range map[string]string{
		"baker": "Baker Plumbing, Leeds", "Baker Plumbing": "Baker Plumbing, Leeds", "plumb": "Baker Plumbing, Leeds", "york": "Acme Heating, York",
		"acme york": "Acme Heating, York", "york | acme": "Acme Heating, York", "Acme Heating, York": "Acme Heating, York", "leeds acme": "Acme Heating, Leeds",
		"müller": "Müller, Köln", "MÜLLER": "Müller, Köln", "lumbin": "Baker Plumbing, Leeds", "şahin": "Şahin Isı, Hull",
	} {
		d.says("olivia", "ops", "new Job")
		n++
		expect(t, d.says("olivia", "ops", fmt.Sprintf("assign %d %s", n, name)), "offered to "+want)
	}
	expect(t, d.says("olivia", "ops", fmt.Sprintf("assign %d nobody", n)), "no firm fits", "contractor list")
	expect(t, d.says("olivia", "ops", "contractor show acme"), "several firms fit")

	d.says("olivia", "ops", "new Which")
	n++
	a := d.command("olivia", "ops", fmt.Sprintf("assign %d acme by 2h", n))
	if a.Refused != "ambiguous" || a.Message.Choice == nil || len(a.Message.Choice.Options) != 2 {
		t.Fatalf("asked back with %+v", a)
	}
	d.wantStatus(n, "reported/")
	if a := d.press("olivia", "ops", "", a.Message.Choice.Token, "unknown"); a.Refused == "" {
		t.Errorf("a firm that was not offered: %+v", a)
	}
	for _, o := range a.Message.Choice.Options {
		if strings.HasSuffix(o.Label, "York") {
			expect(t, d.press("olivia", "ops", "", a.Message.Choice.Token, o.Value).Message.Text.String(), "offered to Acme Heating, York")
		}
	}
	d.wantStatus(n, "allocated/assigned")
}

func TestPausedFirms(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	d.accepted()
	d.says("olivia", "ops", "new Other")
	expect(t, d.says("olivia", "ops", "contractor offboard acme"), "FORM Off-board a firm")
	expect(t, d.says("olivia", "ops", "contractor pause acme"), "no new offers")
	expect(t, d.says("olivia", "ops", "assign 2 acme"), "is paused")
	expect(t, d.says("olivia", "ops", "contractor resume acme"), "offers again")
	expect(t, d.says("olivia", "ops", "assign 2 acme"), "offered")
	expect(t, d.says("olivia", "ops", "cancel 2"), "withdrawn")
	expect(t, d.says("olivia", "ops", "close 1"), "closed")
	expect(t, d.offboards("acme"), "off-boarded")
	d.says("olivia", "ops", "new Last")
	expect(t, d.says("olivia", "ops", "assign 3 acme"), "is off-boarded. Choose another firm.")
}

// TestFirmWithoutAChannel cannot be resumed into work before its channel is there.
func TestFirmWithoutAChannel(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.says("anna", "ops", "here operations")
	d.p.refuse("create", &chat.SendError{Reason: chat.Unavailable, Retry: true})
	d.says("olivia", "ops", "contractor add Leeds | Acme Heating")
	d.says("olivia", "ops", "new Boiler")
	expect(t, d.says("olivia", "ops", "assign 1 acme"), "not ready")
	d.says("olivia", "ops", "contractor resume acme")
	if s := d.says("olivia", "ops", "assign 1 acme"); strings.Contains(s, "is offered") {
		t.Errorf("a firm without a channel was offered a job that it can never see: %s; setFirmState must refuse while it is opening", s)
	}
}

func TestCommandTexts(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	d.says("olivia", "ops", "new Boiler")
	for text, parts := range map[string][]string{
		"":                                {"What you can do here", "/task new"},
		"help":                            {"/task assign N CONTRACTOR", "/task help"},
		"asign 1 acme":                    {"Did you mean /task assign?"}, //nolint:misspell // The misspelling is what is tested.
		"frobnicate":                      {"There is no", "/task help"},
		"show":                            {"number", "Usage: /task show N"},
		"show x":                          {"number", "Usage: /task show N"},
		"show 99":                         {"no such job"},
		"show -1":                         {"number"},
		"show 99999999999999":             {"number"},
		"SHOW #1":                         {"#1 Boiler"},
		"  show   1  ":                    {"#1 Boiler"},
		"assign 1 acme by xyz":            {"do not understand the time"},
		"assign 1 acme by 30s":            {"do not understand the time"},
		"assign 1 acme by 0m":             {"a minute at least"},
		"cancel 1 now":                    {"after the number", "Usage"},
		"sendback 1":                      {"what is missing", "Usage"},
		"remind 1 soon":                   {"do not understand the time"},
		"note 1":                          {"Usage"},
		"contractor add Leeds":            {"a bar", "Usage"},
		"contractor invite":               {"whom to invite", "Usage"},
		"contractor what":                 {"Usage"},
		"list nobody":                     {"No firm fits"},
		"list acme":                       {"Open jobs"},
		"summary acme":                    {"Summary", "Acme Heating"},
		"new " + strings.Repeat("x", 151): {"150 characters"},
	} {
		got := d.says("olivia", "ops", text)
		for _, p := range parts {
			if !strings.Contains(got, p) {
				t.Errorf("%.40q gave %q, which lacks %q", text, got, p)
			}
		}
	}
	// People paste several lines, and phones type other blanks.
	expect(t, d.says("olivia", "ops", "note 1\nseveral\nlines"), "noted on #1")
	expect(t, d.says("olivia", "ops", "show\u00a01"), "#1 Boiler")
}

func FuzzCommand(f *testing.F) {
	for _, s := range []string{"", "new", "assign 1 acme by 2h", "list overdue", "contractor add A | B", "here operations", "assign 1 İİİİİİİİ by 2h", "comment 1\nx", "remind 1 99999w 99999w"} {
		f.Add(s)
	}
	var d *desk
	f.Fuzz(func(t *testing.T, s string) {
		// One desk per run of the corpus would be slow; each text gets a fresh key.
		d = newDesk(t)
		d.withFirm()
		d.says("olivia", "ops", "new Boiler")
		a := d.command("olivia", "ops", s)
		if a.Message.Empty() && a.Form == nil && a.Number == 0 {
			t.Errorf("%q was answered with nothing", s)
		}
		if strings.Contains(a.Message.Text.String(), "%!") {
			t.Errorf("%q gave %q", s, a.Message.Text)
		}
	})
}

// TestFirmWithByInItsName: the word that begins a time may be part of a name.
func TestFirmWithByInItsName(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	expect(t, d.says("olivia", "ops", "contractor add Leeds | Stand by Me"), "set up")
	d.says("olivia", "ops", "new Boiler")
	d.says("olivia", "ops", "new Window")
	expect(t, d.says("olivia", "ops", "assign 1 stand by me"), "offered to Stand by Me")
	expect(t, d.says("olivia", "ops", "assign 2 stand by me by 2h"), "offered to Stand by Me")
	expect(t, d.says("olivia", "ops", "new Door"), "#3")
	expect(t, d.says("olivia", "ops", "assign 3 acme by nightfall"), "I do not understand the time")
}

// TestLostAnswerMakesOneChannel: the answer to making a firm's channel is lost, or our
// own store fails after it. The next attempt finds the channel by its mark.
func TestLostAnswerMakesOneChannel(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.says("anna", "ops", "here operations")
	// The plain name belongs to somebody else, and is never taken for ours.
	d.p.addChannel(firmChannel, "otto")
	lost := 0
	d.p.mu.Lock()
	d.p.lose = func(string) error {
		if lost++; lost > 1 {
			return nil
		}
		return &chat.SendError{Reason: chat.Unavailable, Retry: true, Ambiguous: true}
	}
	d.p.mu.Unlock()
	d.says("olivia", "ops", "contractor add Leeds | Acme Heating")
	d.drainedInTime()
	if got := slices.Sorted(slices.Values(d.firmChannels())); !slices.Equal(got, []string{firmChannel, firmChannel + "-2"}) {
		t.Errorf("channels: %v", got)
	}
	d.waitText(firmChannel+"-2", "Accept")
	if n := len(d.posts(firmChannel, "")); n != 0 {
		t.Errorf("%d posts in somebody else's channel", n)
	}
	// A second firm of nearly the same name gets a channel of its own.
	d.says("olivia", "ops", "contractor add Leeds | ACME-Heating")
	d.drainedInTime()
	if got := d.firmChannels(); len(got) != 3 {
		t.Errorf("channels: %v", got)
	}
}

// TestAllFirmsAreListed page by page, and narrowed down by words.
func TestAllFirmsAreListed(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.says("anna", "ops", "here operations")
	err := d.store.Update(t.Context(), "main", func(tx storage.Tx) error {
		for n := range 60 {
			city := [...]string{"Leeds", "York", "Hull"}[n%3]
			err := tx.InsertContractor(t.Context(), storage.Contractor{ID: fmt.Sprintf("ab%02d", n), City: city, Company: fmt.Sprintf("Firm %02d", n), State: storage.ContractorActive})
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	pages := 0
	a := d.command("olivia", "ops", "contractor list")
	for expect(t, a.Message.Title, "Contractors (60)"); ; a = d.turn("olivia", "ops", a, "Next") {
		pages++
		for line := range strings.Lines(a.Message.Text.String()) {
			seen[strings.TrimSpace(line)] = true
		}
		if !slices.Contains(labels(a.Message), "Next") {
			break
		}
	}
	if len(seen) != 60 || pages != 3 {
		t.Errorf("%d pages have %d firms", pages, len(seen))
	}
	if a = d.turn("olivia", "ops", a, "Previous"); !a.Replace || strings.Count(a.Message.Text.String(), "Firm") != 25 {
		t.Errorf("the page before is %+v", a)
	}
	a = d.command("olivia", "ops", "contractor list york 1")
	expect(t, a.Message.Title, "york 1 (6)")
	if text := a.Message.Text.String(); strings.Count(text, ", York") != 6 || strings.Contains(text, "Leeds") || len(a.Message.Buttons) > 0 {
		t.Errorf("those of York are %q", text)
	}
	expect(t, d.says("olivia", "ops", "contractor list berlin"), "no firm fits")
	if a := d.command("gina", "ops", "contractor list"); a.Refused != "forbidden" {
		t.Errorf("a guest reads %+v", a)
	}
}
