package present

import (
	"strings"
	"time"

	"taskbridge/bot/chat"
	"taskbridge/bot/ticket"
	"taskbridge/storage"
	"taskbridge/workflow"
)

// EventFirmCertificate is the event of a change of a firm's certificates.
const EventFirmCertificate = "contractor_certificate"

// CertificateForm asks for a certificate of a firm.
func (p *Presenter) CertificateForm(as Asked, firm storage.Contractor) *chat.Form {
	return &chat.Form{
		Title: p.say("New certificate"), Submit: p.say("Enter"), Intro: FirmName(firm),
		Token: p.formToken(as, ticket.Ticket{Verb: string(workflow.FirmCertificate), Arg: firm.ID}),
		Fields: []chat.Field{
			{Name: "name", Label: p.say("Name"), Kind: chat.Line, Max: workflow.MaxCertificate, Placeholder: p.say("Gas safety"), Help: p.say("To renew one, enter its name as it is listed.")},
			{Name: "until", Label: p.say("Valid until"), Kind: chat.Line, Optional: true, Max: 60, Placeholder: "2027-03-01", Help: p.say("Its last day. Empty: it has no end.")},
			{Name: "reference", Label: p.say("Reference"), Kind: chat.Line, Optional: true, Max: MaxCertificateReference, Help: p.say("A number, or a link to the file. The firm does not see it.")},
		},
	}
}

// MaxCertificateReference is the longest reference of a certificate, in characters.
const MaxCertificateReference = 150

// Certificates lists what a firm has, for the desk, with a button for another.
func (p *Presenter) Certificates(as Asked, firm storage.Contractor, list []storage.Certificate, day workflow.Date) chat.Message {
	m := chat.Message{Title: p.say("Certificates: {{.Firm}}", with{"Firm": chat.Shorten(oneLine(FirmName(firm)), 120)})}
	if len(list) == 0 {
		m.Text = p.text("None has been entered yet. Jobs that need one are not offered to the firm.")
	}
	for n, c := range list {
		if n > 0 {
			m.Text = m.Text.Plain("\n")
		}
		m.Text = m.Text.Bold(oneLine(c.Name)).Plain(" · " + p.certificateEnd(c, day) + " · ")
		m.Text = m.Text.Append(p.text("checked by {{.Who}}, {{.When}}", with{"Who": chat.Shorten(oneLine(c.CheckedBy.Name), 60), "When": at(c.CheckedAt)}))
		switch reference := chat.Shorten(oneLine(c.Reference), MaxCertificateReference); {
		case reference == "":
		case (strings.HasPrefix(reference, "https://") || strings.HasPrefix(reference, "http://")) && !strings.Contains(reference, " "):
			m.Text = m.Text.Plain(" · ").Link(reference, reference)
		default:
			m.Text = m.Text.Plain(" · " + reference)
		}
	}
	as.Nonce = ""
	m.Buttons = []chat.Button{{
		ID: buttonID(string(workflow.FirmCertificate)), Label: p.say("Enter a certificate"),
		Token: p.formToken(as, ticket.Ticket{Verb: string(workflow.FirmCertificate), Arg: firm.ID}),
	}}
	return m
}

// certificateEnd says until when a certificate is valid.
func (w Words) certificateEnd(c storage.Certificate, day workflow.Date) string {
	switch {
	case c.Until == "":
		return w.say("with no end date")
	case !c.HoldsOn(day):
		return w.say("ended {{.Day}}", with{"Day": w.certificateDay(c.Until)})
	}
	return w.say("until {{.Day}}", with{"Day": w.certificateDay(c.Until)})
}

// certificateDay is a day that is kept as text.
func (w Words) certificateDay(text string) string {
	day, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return text
	}
	return w.in.Date(day)
}

// CertificateEnd says until when a certificate is valid.
func (w Words) CertificateEnd(c storage.Certificate, day workflow.Date) string {
	return w.certificateEnd(c, day)
}

// certificateList is what a firm has in one line.
func (w Words) certificateList(list []storage.Certificate, day workflow.Date) string {
	parts := make([]string, len(list))
	for n, c := range list {
		parts[n] = oneLine(c.Name) + " " + w.certificateEnd(c, day)
	}
	return strings.Join(parts, ", ")
}

// CertificatesEnd tells the desk which certificates of a firm end soon or have ended.
func (w Words) CertificatesEnd(firm storage.Contractor, list []storage.Certificate, day workflow.Date, command string) chat.Message {
	m := chat.Message{Tone: chat.Waiting}
	for n, c := range list {
		if n > 0 {
			m.Text = m.Text.Plain("\n")
		}
		gaps := with{"Name": bold(oneLine(c.Name)), "Firm": FirmName(firm), "Day": w.certificateDay(c.Until)}
		if c.HoldsOn(day) {
			m.Text = m.Text.Append(w.text("The certificate {{.Name}} of {{.Firm}} ends on {{.Day}}.", gaps))
			continue
		}
		m.Tone = chat.Bad
		m.Text = m.Text.Append(w.text("The certificate {{.Name}} of {{.Firm}} ended on {{.Day}}: jobs that need it are offered to others until a new one is entered. Work that was accepted goes on.", gaps))
	}
	m.Notes = []chat.Text{w.text("Enter a new one with {{.Command}}.", with{"Command": code(command)})}
	return m
}

// Lacks says in a few words which certificates a firm lacks.
func (w Words) Lacks(lacks []workflow.Lack) string {
	parts := make([]string, len(lacks))
	for n, l := range lacks {
		parts[n] = w.say("lacks {{.Certificate}}", with{"Certificate": l.Name})
		if l.Ended != "" {
			parts[n] = w.say("{{.Certificate}} has ended", with{"Certificate": l.Name})
		}
	}
	return strings.Join(parts, ", ")
}

// neededCertificates names what a firm must have to be offered a job.
func (w Words) neededCertificates(facts []chat.Fact, d workflow.Demands) []chat.Fact {
	return fact(facts, w.say("Needs certificates"), line(strings.Join(d.Certificates, ", "), 320))
}
