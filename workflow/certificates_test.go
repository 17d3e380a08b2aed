package workflow

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestPapers(t *testing.T) {
	t.Parallel()
	day := Date{2026, time.November, 28}
	p := Papers{Firm: "Acme, Leeds", Held: []Certificate{
		{Name: "Gas safety", Until: "2026-11-28"}, {Name: "F-gas", Until: "2026-11-27"}, {Name: "Asbestos"},
	}}
	for _, c := range []struct {
		needed []string
		want   []Lack
		says   string
	}{
		{nil, nil, ""},
		{[]string{"gas SAFETY", "Asbestos"}, nil, ""},
		{[]string{"F-gas"}, []Lack{{"F-gas", "2026-11-27"}}, "Acme, Leeds cannot get this job: its certificate “F-gas” ended on 2026-11-27. Enter the new one, or choose another firm."},
		{[]string{"Asbestos", "Heights", "F-gas"}, []Lack{{"Heights", ""}, {"F-gas", "2026-11-27"}}, "Acme, Leeds cannot get this job: it has no certificate “Heights”. Enter it, or choose another firm."},
	} {
		if got := p.Lacks(c.needed, day); !slices.Equal(got, c.want) {
			t.Errorf("%v: lacks %v, want %v", c.needed, got, c.want)
		}
		said := ""
		if err := CheckPapers(c.needed, p, day); err != nil {
			said = err.Error()
		}
		if said != c.says {
			t.Errorf("%v: %q, want %q", c.needed, said, c.says)
		}
	}
}

// TestOfferNeedsPapers: whoever offers a job to a firm that lacks a certificate is
// refused in every way there is, and what was accepted goes on.
func TestOfferNeedsPapers(t *testing.T) {
	t.Parallel()
	today := Date{2026, time.November, 28}
	held := map[string]Papers{
		"firm-a": {Firm: "Acme", Held: []Certificate{{Name: "Gas safety", Until: "2026-12-01"}}},
		"firm-b": {Firm: "Bolt", Held: []Certificate{{Name: "Gas safety", Until: "2026-11-01"}}},
	}
	j := newJob(t)
	j.issue.Demands.Certificates = []string{"Gas safety"}
	offer := func(firm, id string) Command {
		return Command{Verb: Offer, At: j.now, NewID: id, Contractor: firm, Terms: Terms{Within: time.Hour}, Papers: held, Today: today}
	}
	for firm, want := range map[string]string{"firm-b": "ended on 2026-11-01", "firm-n": "The firm cannot get this job"} {
		for _, actor := range []Actor{otto, clock} {
			_, err := Decide(j.issue, actor, offer(firm, "x1"))
			if r, ok := errors.AsType[*Refusal](err); !ok || r.Code != Conflict || r.Field != "contractor" || !strings.Contains(r.Message, want) {
				t.Errorf("%s by %s: %v", firm, actor.Role, err)
			}
		}
	}
	blind := offer("firm-a", "x1")
	blind.Papers = nil
	if _, err := Decide(j.issue, otto, blind); err == nil {
		t.Error("a job that needs a certificate was offered without a look at what the firm has")
	}
	draft := offer("firm-b", "x2")
	draft.Verb = Draft
	d, err := Decide(j.issue, otto, draft)
	if err != nil {
		t.Fatalf("a draft: %v", err)
	}
	send := Command{Verb: Offer, At: j.now, Assignment: "x2", Papers: held, Today: today}
	if _, err := Decide(d.Issue, otto, send); err == nil {
		t.Error("a draft was sent to a firm whose certificate has ended")
	}
	if d, err = Decide(j.issue, otto, offer("firm-a", "x1")); err != nil {
		t.Fatalf("with the certificate: %v", err)
	}
	next := Command{Verb: SetChain, At: j.now, Firms: []string{"firm-b", "firm-n"}, Terms: Terms{Within: time.Hour}}
	if d, err = Decide(d.Issue, otto, next); err != nil {
		t.Fatalf("firms in turn: %v", err)
	}
	late := Command{Verb: Expire, At: j.now.Add(2 * time.Hour), Assignment: "x1", NewID: "x3", Papers: held, Today: today}
	after, err := Decide(d.Issue, clock, late)
	if err != nil {
		t.Fatalf("expire: %v", err)
	}
	var passed []string
	for _, e := range after.Events {
		if e.Kind == EventPassedOver {
			passed = append(passed, e.Data["contractor"]+" "+e.Data["why"]+" "+e.Data["certificate"])
		}
	}
	if want := []string{"firm-b certificate Gas safety", "firm-n certificate Gas safety"}; !slices.Equal(passed, want) {
		t.Errorf("passed over %v, want %v", passed, want)
	}
	if after.Issue.Chain.Running || len(after.Issue.Assignments) != 1 {
		t.Errorf("the chain goes on: %+v", after.Issue)
	}
	accept := Command{Verb: Accept, At: j.now, Assignment: "x1"}
	carl := carl
	carl.Contractor = "firm-a"
	if _, err := Decide(d.Issue, carl, accept); err != nil {
		t.Errorf("what was offered cannot be accepted: %v", err)
	}
}

func TestCheckCertificate(t *testing.T) {
	t.Parallel()
	day := Date{2026, time.November, 28}
	for _, c := range []struct {
		name, until, field string
	}{
		{"Gas safety", "", ""},
		{"Gas safety", "2026-11-28", ""},
		{"Gas safety", "2026-11-27", "until"},
		{"Gas safety", "2999-01-01", "until"},
		{"Gas safety", "soon", "until"},
		{"", "", "name"},
		{"Gas  safety", "", "name"},
		{"Gas, safety", "", "name"},
		{strings.Repeat("x", MaxCertificate+1), "", "name"},
	} {
		field := ""
		if r, ok := errors.AsType[*Refusal](CheckCertificate(Certificate{Name: c.name, Until: c.until}, day)); ok {
			field = r.Field
		}
		if field != c.field {
			t.Errorf("%q until %q: refused in %q, want %q", c.name, c.until, field, c.field)
		}
	}
	many := Demands{}
	for n := range MaxNeededCertificates + 1 {
		many.Certificates = append(many.Certificates, strings.Repeat("x", n+1))
	}
	for _, d := range []Demands{many, {Certificates: []string{"Gas", "gas"}}, {Certificates: []string{" "}}} {
		if r, ok := errors.AsType[*Refusal](d.Check(nil)); !ok || r.Field != "certificates" {
			t.Errorf("%v: %v", d.Certificates, r)
		}
	}
	if d := (Demands{Certificates: []string{"Gas"}}); d.Empty() || d.Equal(Demands{}) || d.Check(nil) != nil {
		t.Errorf("%+v is empty, or no other than nothing, or refused", d)
	}
}

// TestTellCertificate: the desk is told twice, at eight of its own day, whatever its
// clocks do meanwhile.
func TestTellCertificate(t *testing.T) {
	t.Parallel()
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	c := Certificate{Name: "Gas safety", Until: "2027-04-10"}
	var got []string
	for at := time.Date(2026, 11, 28, 12, 0, 0, 0, berlin); ; {
		if at = TellCertificate(c, at.In(berlin)); at.IsZero() {
			break
		}
		got = append(got, at.UTC().Format(time.DateTime))
	}
	if want := []string{"2027-03-11 07:00:00", "2027-04-11 06:00:00"}; !reflect.DeepEqual(got, want) {
		t.Errorf("told at %v, want %v", got, want)
	}
	if at := TellCertificate(Certificate{Name: "Asbestos"}, time.Now()); !at.IsZero() {
		t.Errorf("one without an end is told of at %v", at)
	}
}
