package workflow

import (
	"slices"
	"strings"
	"time"
)

// maxChain is the most firms that can wait for their turn.
const maxChain = 20

// Chain are firms that are asked one after another. The zero value is none.
type Chain struct {
	// Running is true from the moment in which firms are lined up until one of them
	// accepts, all were asked, or the desk stops it.
	Running bool
	// Firms are those still to be asked, the next one first.
	Firms []string
	// Terms are what each of them is offered, with the same time to answer.
	Terms Terms
}

func guardSetChain(c *change) *Refusal {
	firms := c.cmd.Firms
	switch {
	case hasStatus(c.issue.Assignments, Taken):
		return Refuse(Conflict, "A firm accepted this job already, so no other is asked.")
	case len(firms) == 0:
		return RefuseField("firms", "Say which firms are asked next.")
	case len(firms) > maxChain:
		return RefuseField("firms", "At most %d firms can wait for their turn.", maxChain)
	}
	for n, firm := range firms {
		switch {
		case firm == "" || slices.Contains(firms[:n], firm):
			return RefuseField("firms", "Name each firm once.")
		case hasLive(c.issue, firm):
			return RefuseField("firms", "A firm that has this offer already cannot wait for its turn: leave it out.")
		}
	}
	return guardTerms(c.cmd.Terms, c.cmd.At)
}

func hasLive(issue Issue, firm string) bool {
	return slices.ContainsFunc(issue.Assignments, func(a Assignment) bool { return a.Contractor == firm && Live(a.Status) })
}

func effectSetChain(c *change) {
	terms := c.cmd.Terms
	if terms.Within == 0 && !terms.AcceptBy.IsZero() {
		terms.Within = workingTime(c.cmd.Hours, c.cmd.At, terms.AcceptBy)
	}
	terms.AcceptBy = time.Time{}
	c.issue.Chain = Chain{Running: true, Firms: slices.Clone(c.cmd.Firms), Terms: terms}
	c.note("firms", strings.Join(c.cmd.Firms, " "))
}

func guardStopChain(c *change) *Refusal {
	if !c.issue.Chain.Running {
		return Refuse(Conflict, "No firm waits for its turn, so there is nothing to stop.")
	}
	return nil
}

func effectStopChain(c *change) {
	c.note("firms", strings.Join(c.issue.Chain.Firms, " "))
	c.issue.Chain = Chain{}
}

// guardNext demands what the next offer of a chain needs.
func guardNext(c *change) *Refusal {
	if !c.issue.Chain.Running || len(c.issue.Chain.Firms) == 0 {
		return nil
	}
	if c.cmd.NewID == "" {
		return Refuse(Invalid, "A new hand-off needs an id of its own.")
	}
	if _, ok := Find(c.issue, c.cmd.NewID); ok {
		return Refuse(Conflict, "The next firm was asked already.")
	}
	return nil
}

// askNext lets the next firm in turn have the job once no other has it.
func (c *change) askNext() {
	chain := &c.issue.Chain
	if !chain.Running || hasStatus(c.issue.Assignments, Out) {
		return
	}
	stale := !chain.Terms.Due.IsZero() && !chain.Terms.Due.After(c.cmd.At)
	for len(chain.Firms) > 0 && !stale {
		firm := chain.Firms[0]
		chain.Firms = chain.Firms[1:]
		if why, lack := c.passedOver(firm); why != "" {
			data := map[string]string{"contractor": firm, "why": why}
			if lack != "" {
				data["certificate"] = lack
			}
			c.events = append(c.events, Event{Kind: EventPassedOver, Data: data})
			continue
		}
		c.offerNext(firm, chain.Terms)
		return
	}
	c.issue.Chain = Chain{}
	data := map[string]string{}
	if stale {
		data["why"] = "due"
	}
	c.events = append(c.events, Event{Kind: EventChainOver, Data: data})
	c.notices = append(c.notices, Notice{To: ToOperators, Kind: NoticeNoFirmLeft, Assignment: c.a.ID})
}

// The reasons why a firm is passed over.
const (
	passedHasJob   = "has_job"
	passedCoolOff  = "cool_off"
	passedNoOffers = "no_offers"
	// passedNoPaper is for want of a certificate.
	passedNoPaper = "certificate"
)

// passedOver says why a firm is not asked although it is its turn; empty when it is. lack
// is the certificate that it is passed over for.
func (c *change) passedOver(firm string) (why, lack string) {
	switch {
	case hasLive(c.issue, firm):
		return passedHasJob, ""
	case Cooling(c.issue, firm, c.cmd.CoolOff, c.cmd.At):
		return passedCoolOff, ""
	case slices.Contains(c.cmd.Unavailable, firm):
		return passedNoOffers, ""
	}
	if lacks := c.cmd.Papers[firm].Lacks(c.issue.Demands.Certificates, c.cmd.Today); len(lacks) > 0 {
		return passedNoPaper, lacks[0].Name
	}
	return "", ""
}

// Cooling reports whether a firm said no to the issue, or nothing at all, so short a
// time ago that it is not asked again by itself. A person may ask it all the same.
func Cooling(issue Issue, firm string, coolOff time.Duration, at time.Time) bool {
	return slices.ContainsFunc(issue.Assignments, func(a Assignment) bool {
		return a.Contractor == firm && a.Status == Declined && at.Before(a.EndedAt.Add(coolOff))
	})
}

// offerNext makes the offer. Nobody of the firm that had the job before made it, so
// that it bears no name.
func (c *change) offerNext(firm string, terms Terms) {
	var hours *Calendar
	if h, ok := c.cmd.HoursOf[firm]; ok {
		hours = &h
	}
	terms = terms.at(c.cmd.At, hours)
	at := slices.IndexFunc(c.issue.Assignments, func(a Assignment) bool { return a.ID == c.a.ID })
	c.issue.Assignments = append(c.issue.Assignments, Assignment{
		ID: c.cmd.NewID, Contractor: firm, Status: Assigned, Revision: 1, Terms: terms,
		CreatedAt: c.cmd.At, OfferedAt: c.cmd.At, WarnAt: warnAt(c.cmd.At, terms.AcceptBy, hours), LastVerb: Offer,
	})
	// The list may have moved.
	c.a = &c.issue.Assignments[at]
	event := Event{Kind: EventOffered, Assignment: c.cmd.NewID, Unnamed: true}
	mine := c.data
	c.data = map[string]string{"contractor": firm, "by": string(SetChain)}
	c.noteTerms(terms)
	event.Data, c.data = c.data, mine
	c.events = append(c.events, event)
	c.notices = append(c.notices, Notice{To: ToFirm, Kind: NoticeOffered, Assignment: c.cmd.NewID})
}

// endChain stops a chain for which there is nobody left to wait: a firm accepted, or
// the desk took the job back.
func (c *change) endChain() {
	if !c.issue.Chain.Running || hasStatus(c.issue.Assignments, func(s Status) bool { return s == Assigned }) {
		return
	}
	if firms := c.issue.Chain.Firms; len(firms) > 0 {
		c.events = append(c.events, Event{Kind: EventChainStopped, Data: map[string]string{
			"by": string(c.cmd.Verb), "firms": strings.Join(firms, " "),
		}})
	}
	c.issue.Chain = Chain{}
}
