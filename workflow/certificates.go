package workflow

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// The limits of certificates: how many a firm can have and a job can need, and how long
// a name is.
const (
	MaxCertificates       = 30
	MaxNeededCertificates = 5
	MaxCertificate        = 60
)

// certificateNotice is how many days before the last one the desk is told that a
// certificate ends.
const certificateNotice = 30

// certificateHour is the hour of the desk's day at which it is told.
const certificateHour = 8

// Certificate is a paper of a firm that somebody of the desk has checked.
type Certificate struct {
	Name string
	// Until is the last day on which it holds, like 2006-01-02; empty where it has no end.
	Until string
}

// HoldsOn tells whether it is valid on a day.
func (c Certificate) HoldsOn(day Date) bool { return c.Until == "" || day.String() <= c.Until }

// Papers are what a firm has of certificates, and what it is called.
type Papers struct {
	Firm string
	Held []Certificate
}

// Lack is a certificate that a job needs and a firm does not have. Ended is the last day
// of the one it had, empty where it had none.
type Lack struct{ Name, Ended string }

// Lacks tells which of the certificates that are needed a firm does not have on a day.
// Names are compared without regard to case.
func (p Papers) Lacks(needed []string, day Date) []Lack {
	var out []Lack
	for _, name := range needed {
		at := slices.IndexFunc(p.Held, func(c Certificate) bool { return strings.EqualFold(c.Name, name) })
		switch {
		case at < 0:
			out = append(out, Lack{Name: name})
		case !p.Held[at].HoldsOn(day):
			out = append(out, Lack{Name: name, Ended: p.Held[at].Until})
		}
	}
	return out
}

// CheckPapers refuses a firm that lacks one of the certificates that are needed.
func CheckPapers(needed []string, p Papers, day Date) error {
	if refusal := checkPapers(needed, p, day); refusal != nil {
		return refusal
	}
	return nil
}

func checkPapers(needed []string, p Papers, day Date) *Refusal {
	lacks := p.Lacks(needed, day)
	if len(lacks) == 0 {
		return nil
	}
	firm := somebody(p.Firm, "The firm")
	if lacks[0].Ended != "" {
		return phrase("%s cannot get this job: its certificate “%s” ended on %s. Enter the new one, or choose another firm.", firm, lacks[0].Name, lacks[0].Ended).refuse(Conflict, "contractor")
	}
	return phrase("%s cannot get this job: it has no certificate “%s”. Enter it, or choose another firm.", firm, lacks[0].Name).refuse(Conflict, "contractor")
}

// guardPapers keeps a job from a firm without the certificates that it needs. Whoever
// does not say what a firm has offers it nothing.
func guardPapers(c *change) *Refusal {
	if len(c.issue.Demands.Certificates) == 0 {
		return nil
	}
	firm := c.cmd.Contractor
	if c.a != nil {
		firm = c.a.Contractor
	}
	return checkPapers(c.issue.Demands.Certificates, c.cmd.Papers[firm], c.cmd.Today)
}

// CheckCertificate refuses a certificate that cannot be entered on a day. The refusal
// names the field.
func CheckCertificate(c Certificate, day Date) error {
	if refusal := checkCertificateName("name", c.Name); refusal != nil {
		return refusal
	}
	if c.Until == "" {
		return nil
	}
	last, err := time.Parse(time.DateOnly, c.Until)
	switch {
	case err != nil:
		return RefuseField("until", "Write the day like 2027-03-01, or nothing where it has no end.")
	case !c.HoldsOn(day):
		return RefuseField("until", "That day has passed: enter a certificate that is still valid.")
	case last.Year() > day.Year+50:
		return RefuseField("until", "That day is too far away: write nothing where it has no end.")
	}
	return nil
}

func checkCertificateName(field, name string) *Refusal {
	switch {
	case name == "" || name != oneLine(name):
		return RefuseField(field, "Give the certificate a name on one line.")
	case utf8.RuneCountInString(name) > MaxCertificate:
		return RefuseField(field, "Shorten the certificate's name to %d characters.", MaxCertificate)
	case strings.ContainsAny(name, ",;|"):
		return RefuseField(field, "A certificate's name has no comma, semicolon or bar.")
	}
	return nil
}

// checkCertificates refuses what no firm could have.
func checkCertificates(needed []string) *Refusal {
	const field = "certificates"
	if len(needed) > MaxNeededCertificates {
		return RefuseField(field, "A job needs at most %d certificates.", MaxNeededCertificates)
	}
	for i, name := range needed {
		if refusal := checkCertificateName(field, name); refusal != nil {
			return refusal
		}
		if slices.ContainsFunc(needed[:i], func(other string) bool { return strings.EqualFold(other, name) }) {
			return RefuseField(field, "The certificate “%s” is there twice: leave one out.", name)
		}
	}
	return nil
}

// TellCertificate is when the desk is next told about the end of a certificate: so many
// days before its last one, and on the day after that. It is zero when nothing is left
// to tell. The zone is that of at.
func TellCertificate(c Certificate, at time.Time) time.Time {
	last, err := time.Parse(time.DateOnly, c.Until)
	if err != nil {
		return time.Time{}
	}
	for _, day := range []time.Time{last.AddDate(0, 0, -certificateNotice), last.AddDate(0, 0, 1)} {
		if tell := OnWall(DateOf(day), certificateHour, 0, at.Location()); tell.After(at) {
			return tell
		}
	}
	return time.Time{}
}
