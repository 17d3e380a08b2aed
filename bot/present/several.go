package present

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"taskbridge/bot/chat"
	"taskbridge/bot/ticket"
	"taskbridge/storage"
	"taskbridge/workflow"
)

// AcceptSeveral is the verb of the button and of the form by which a firm accepts several
// of its offers at once.
const AcceptSeveral workflow.Verb = "accept_several"

// SeveralMost is how many offers the form shows: a person reads them before ticking.
const SeveralMost = 10

// Offered is one offer that waits for a firm's answer.
type Offered struct {
	Job   Job
	Offer workflow.Assignment
}

// Offers are those of a firm's jobs that wait for its answer, the ones that end first in
// front. An offer for which the firm suggested other terms waits for the desk.
func Offers(jobs []Job, firm string) []Offered {
	var out []Offered
	for _, j := range jobs {
		for _, a := range j.Assignments {
			if a.Contractor == firm && a.Status == workflow.Assigned && !a.Counter.Open() {
				out = append(out, Offered{Job: j, Offer: a})
			}
		}
	}
	slices.SortStableFunc(out, func(a, b Offered) int {
		until := func(o Offered) int64 {
			if o.Offer.Terms.AcceptBy.IsZero() {
				return math.MaxInt64
			}
			return o.Offer.Terms.AcceptBy.Unix()
		}
		return cmp.Or(cmp.Compare(until(a), until(b)), cmp.Compare(a.Job.Number, b.Job.Number))
	})
	return out
}

// HaveSeveral tells whether a firm's pages show more than one offer.
func HaveSeveral(pages ...Page) bool {
	for _, pg := range pages {
		if pg.Query == "offered" && pg.Count > 1 {
			return true
		}
		n := 0
		for _, j := range pg.Jobs {
			if a := j.live(); a != nil && a.Status == workflow.Assigned {
				n++
			}
		}
		if n > 1 {
			return true
		}
	}
	return false
}

// SeveralButton opens the form that accepts several offers: in a channel, given as
// "workspace/channel", for whoever of the firm presses it, else for the one who asked.
func (p *Presenter) SeveralButton(as Asked, channel string) chat.Button {
	t := ticket.Ticket{Desk: p.Desk, Verb: string(AcceptSeveral), Channel: channel, Expires: as.Now.Add(buttonLife).Unix()}
	if channel == "" {
		t.User = as.User
	}
	return chat.Button{ID: buttonID(string(AcceptSeveral)), Label: p.say("Accept several"), Token: p.Sign(t)}
}

// Several asks which of a firm's offers it accepts. more is how many there are beside
// those. The form remembers what each offer asked for when it was opened.
func (p *Presenter) Several(as Asked, firm string, offers []Offered, more int) *chat.Form {
	f := &chat.Form{
		Title: p.say("Accept several"), Submit: p.say("Accept"), Intro: p.say("Tick what you accept. The rest stays as it is; to decline, use the job's own card."),
		Token: p.formToken(as, severalTicket(firm, offers)),
	}
	if more > 0 {
		f.Intro += "\n" + p.count(more, "{{.Count}} more offer has more time left: open this again for it.", "{{.Count}} more offers have more time left: open this again for them.")
	}
	for _, o := range offers {
		label, whole := shortLabel(Heading(o.Job.Issue))
		help := p.offerTerms(as.Now, o)
		if whole != "" {
			help = slices.Insert(help, 0, offerTitle(o))
		}
		f.Fields = append(f.Fields, chat.Field{
			Name: OfferField(o.Job.Number), Label: label, Kind: chat.Tick, Placeholder: p.say("Accept"), Value: "false",
			Help: chat.ShortenBytes(strings.Join(help, " · "), 150), Optional: true,
		})
	}
	return f
}

// allOffers is the choice of everything that was shown.
const allOffers = "all"

// SeveralWithout asks the same where no form can be opened: one of them, or all.
func (p *Presenter) SeveralWithout(as Asked, firm string, offers []Offered) chat.Message {
	m := chat.Message{Text: p.text("Which offers do you accept? The rest stays as it is; to decline, use the job's own card.")}
	options := []chat.Option{{Value: allOffers, Label: p.say("All {{.Count}}", with{"Count": len(offers)})}}
	for _, o := range offers {
		m.Text = m.Text.Plain("\n").Bold(Number(o.Job.Number)).Plain(" " + strings.Join(slices.Insert(p.offerTerms(as.Now, o), 0, offerTitle(o)), " · "))
		options = append(options, chat.Option{Value: OfferField(o.Job.Number), Label: chat.Shorten(Heading(o.Job.Issue), 75)})
	}
	m.Choice = &chat.Choice{ID: "offers", Placeholder: p.say("Accept"), Options: options, Token: p.formToken(as, severalTicket(firm, offers))}
	return m
}

func offerTitle(o Offered) string { return chat.Shorten(oneLine(o.Job.Title), 60) }

// offerTerms say in short until when an offer can be answered, and what it asks and pays.
func (p *Presenter) offerTerms(now time.Time, o Offered) (parts []string) {
	when := func(t time.Time) string { return p.in.ShortMoment(t.In(p.Zone), now) }
	if by := o.Offer.Terms.AcceptBy; !by.IsZero() {
		parts = append(parts, p.say("answer by {{.When}}", with{"When": when(by)}))
	}
	due := o.Offer.Terms.Due
	if due.IsZero() {
		due = o.Job.DueAt
	}
	if !due.IsZero() {
		parts = append(parts, p.say("due {{.When}}", with{"When": when(due)}))
	}
	if o.Offer.Terms.Price != "" {
		parts = append(parts, p.money(string(o.Offer.Terms.Price)))
	}
	return parts
}

// OfferField is the field, and the choice, of an offer in the form.
func OfferField(number int) string { return "offer_" + strconv.Itoa(number) }

// severalTicket is what the form carries: whose offers they are, and what each asked for.
func severalTicket(firm string, offers []Offered) ticket.Ticket {
	parts := []string{firm}
	for _, o := range offers {
		parts = append(parts, strconv.Itoa(o.Job.Number)+":"+OfferMark(o.Job.Issue, o.Offer))
	}
	return ticket.Ticket{Verb: string(AcceptSeveral), Arg: strings.Join(parts, " ")}
}

// ShownOffer is an offer as a form showed it.
type ShownOffer struct {
	Number int
	Mark   string
}

// ShownOffers are whose offers a form showed, and those that its sender chose: by the ticks
// of the form, or by choice where there was none. ok is false for a form of another version.
func ShownOffers(arg, choice string, values map[string]string) (firm string, chosen []ShownOffer, ok bool) {
	parts := strings.Fields(arg)
	if len(parts) < 2 {
		return "", nil, false
	}
	for _, part := range parts[1:] {
		digits, mark, _ := strings.Cut(part, ":")
		number, err := strconv.Atoi(digits)
		if err != nil {
			return "", nil, false
		}
		field := OfferField(number)
		if choice == allOffers || choice == field || values[field] == "true" {
			chosen = append(chosen, ShownOffer{Number: number, Mark: mark})
		}
	}
	slices.SortFunc(chosen, func(a, b ShownOffer) int { return cmp.Compare(a.Number, b.Number) })
	return parts[0], chosen, true
}

// OfferMark is a digest of what a firm reads of an offer: the hand-off as it is, its terms,
// and what the job and its demands say.
func OfferMark(i storage.Issue, a workflow.Assignment) string {
	// Demands are lists and words, which always marshal.
	demands, _ := json.Marshal(workflow.FirmsDemands(i.Demands))
	t := a.Terms
	digest := sha256.Sum256(fmt.Appendf(nil, "%q %d %d %d %d %q %q %q %q %q %q %q %q %s",
		a.ID, a.Revision, t.AcceptBy.Unix(), t.Due.Unix(), i.DueAt.Unix(), t.Price, t.Limit, t.Note,
		i.Title, i.Description, i.Topic, i.Place, i.Priority, demands))
	return hex.EncodeToString(digest[:6])
}

// NotAccepted is an offer that was chosen and not accepted, with the reason.
type NotAccepted struct {
	Heading, Why string
}

// Answered says what became of the offers that were chosen.
func (p *Presenter) Answered(accepted []chat.Text, not []NotAccepted) chat.Message {
	var m chat.Message
	if len(accepted) > 0 {
		m.Text = m.Text.Bold(p.Counted(p.say("Accepted"), len(accepted)))
		for _, line := range accepted {
			m.Text = m.Text.Plain("\n").Append(line)
		}
	}
	if len(not) > 0 {
		if len(accepted) > 0 {
			m.Text = m.Text.Plain("\n\n")
		}
		m.Text = m.Text.Bold(p.Counted(p.say("Not accepted"), len(not)))
		for _, n := range not {
			m.Text = m.Text.Plain("\n" + n.Heading + ": " + n.Why)
		}
	}
	return m
}
