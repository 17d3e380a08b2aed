package mattermost_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/mattermost/mattermost/server/public/model"

	"taskbridge/e2e/mattermost/harness"
)

// Chapter one: an administrator makes a channel the desk's, and its members become
// operators.
func TestStoryHere(t *testing.T) {
	t.Parallel()
	d := env.Open(t, harness.SQLite)
	for _, u := range []*harness.User{d.Otto, d.Sam} {
		channel := d.Operations
		if u == d.Sam {
			channel = d.Lobby
		}
		text := u.Ask(t, channel.Id, "/task here operations")
		forPeople(t, u.Name+" sets the desk up", text)
		if !harness.Contains(text, "admin") {
			t.Errorf("%s is not told who may do it: %q", u.Name, text)
		}
	}
	d.Admin.Ask(t, d.Operations.Id, "/task here operations")
	if text := d.Olivia.Ask(t, d.Operations.Id, "/task new Boiler down at 4 Elm St"); !harness.Contains(text, "#1") {
		t.Errorf("an operator's new job was answered %q", text)
	}
	// Sam is in the team, but nothing here concerns him.
	text := d.Sam.Ask(t, d.Lobby.Id, "/task show 1")
	forPeople(t, "a stranger looks", text)
	if harness.Contains(text, "boiler") {
		t.Errorf("a stranger reads a job: %q", text)
	}
	// Who joins the channel is an operator from then on.
	d.Join(t, d.Operations, d.Sam)
	d.Sam.Eventually(t, "to be an operator", func() error {
		if text := d.Sam.Ask(t, d.Operations.Id, "/task show 1"); !harness.Contains(text, "boiler") {
			return errorf("the answer is %q", text)
		}
		return nil
	})
}

// Chapter two: a firm gets a channel of its own, and its people are let in.
func TestStoryContractor(t *testing.T) {
	t.Parallel()
	d := env.Open(t, harness.Postgres15)
	d.Admin.Ask(t, d.Operations.Id, "/task here operations")
	s := &scene{Desk: d}

	firm := s.addFirm(t, "Leeds | Acme Heating", "ext-leeds-acme-heating")
	if firm.Type != model.ChannelTypePrivate {
		t.Errorf("the firm's channel is of type %s", firm.Type)
	}
	s.waitForMembers(t, firm, d.Olivia, d.Otto)
	members, err := d.Olivia.Members(t.Context(), firm.Id)
	if err != nil {
		t.Fatal(err)
	}
	if slices.Contains(members, d.Sam.ID) {
		t.Error("a stranger is in the firm's channel")
	}
	d.Olivia.WaitForPost(t, firm.Id, "a welcome", func(p *model.Post) bool {
		return p.UserId == d.BotID && p.Type == "" && len(harness.Show(p)) > 20
	})

	// Guests need a licence; people who have an account are let in and that is said.
	invited := d.Olivia.Command(t, firm.Id, "/task contractor invite "+d.Cora.Email+" "+d.Carl.Email)
	invited.Told(t, d.Cora.Email, "added")
	invited.Told(t, d.Carl.Email, "added")
	s.waitForMembers(t, firm, d.Cora, d.Carl)
	if _, err := d.Cora.Posts(t.Context(), d.Operations.Id); err == nil {
		t.Error("a contractor reads the operations channel")
	}

	// Somebody without an account cannot be let in on this server; that is said too.
	d.Olivia.Command(t, firm.Id, "/task contractor invite nobody@elsewhere.example.test").Told(t, "nobody@elsewhere.example.test", "could not")

	if text := d.Olivia.Ask(t, d.Operations.Id, "/task contractor list"); !harness.Contains(text, "Acme Heating", "Leeds") {
		t.Errorf("the list of firms is %q", text)
	}
}

// A channel's name is in the platform's alphabet, and a channel that merely bears
// the wanted name is left alone.
func TestStoryContractorNames(t *testing.T) {
	t.Parallel()
	d := env.Open(t, harness.SQLite)
	d.Admin.Ask(t, d.Operations.Id, "/task here operations")
	taken := d.NewChannel(t, "ext-york-old-firm", d.Sam)

	before := len(d.Olivia.Channels(t))
	for _, firm := range []string{"München | Müller & Söhne — Строй", "York | Old Firm", "Leeds | " + long("Very ", 12) + "Long"} {
		d.Olivia.Ask(t, d.Operations.Id, "/task contractor add "+firm)
		before++
		want := before
		d.Olivia.Eventually(t, "a channel for "+firm, func() error {
			if got := len(d.Olivia.Channels(t)); got != want {
				return errorf("there are %d channels, not %d", got, want)
			}
			return nil
		})
	}
	legal := regexp.MustCompile(`^ext-[a-z0-9]+(-[a-z0-9]+)*$`)
	for _, c := range d.Olivia.Channels(t) {
		if c.Id == taken.Id {
			t.Error("a channel that merely bore the name was taken over")
		}
		if len(c.Name) > 64 || harness.Contains(c.Name, "ext-") && !legal.MatchString(c.Name) {
			t.Errorf("the channel's name is %q", c.Name)
		}
	}
}

// An administrator follows the doctor's advice on the slash command, and whoever begins to
// type it is suggested the command with its words.
func TestStorySuggestions(t *testing.T) {
	t.Parallel()
	d := setUp(t, harness.Postgres15)
	advised := regexp.MustCompile(`set the autocomplete hint to: (.*)`)
	found := advised.FindStringSubmatch(d.Product.Doctor(t))
	if found == nil {
		t.Fatal("the doctor does not say that the hint is missing")
	}
	hint := strings.TrimSpace(found[1])
	d.Hint(t, "task", hint)
	if text := d.Product.Doctor(t); !strings.Contains(text, "/task is suggested with its words") {
		t.Errorf("the doctor says of the command as advised:\n%s", text)
	}
	for _, u := range []*harness.User{d.Olivia, d.Cora} {
		all, _, err := u.Client.ListCommandAutocompleteSuggestions(t.Context(), "/ta", d.Team.Id)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.ContainsFunc(all, func(s model.AutocompleteSuggestion) bool { return s.Complete == "task" && s.Hint == hint }) {
			t.Errorf("%s types /ta and is suggested %+v", u.Name, all)
		}
	}
}
