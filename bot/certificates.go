package bot

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"taskbridge/bot/chat"
	"taskbridge/bot/present"
	"taskbridge/bot/when"
	"taskbridge/storage"
	"taskbridge/workflow"
)

// certificateText is "Gas safety until 2027-03-01 ref GS-4411".
var certificateText = regexp.MustCompile(`(?i)^(.*?)(?:\s+until\s+(.*?))?(?:\s+ref\s+(.*))?$`)

// cmdCertificate shows the certificates of a firm, enters one or removes one.
func (t *turn) cmdCertificate(ctx context.Context, rest string) (chat.Answer, error) {
	const usage = "contractor certificate NAME [add CERTIFICATE [until DAY] [ref REFERENCE] | remove CERTIFICATE]"
	name, rest, err := t.cutFirm(ctx, rest)
	if err != nil {
		return chat.Answer{}, err
	}
	word, rest := cutWord(rest)
	right := workflow.FirmCertificate
	if word == "" || strings.EqualFold(word, "list") {
		right = workflow.ViewContractors
	}
	if err := workflow.Allowed(t.actor, right); err != nil {
		return chat.Answer{}, err
	}
	firm, err := t.firmFor(ctx, name)
	if err != nil {
		return chat.Answer{}, err
	}
	switch strings.ToLower(word) {
	case "", "list":
		list, err := t.certificates(ctx, firm.ID)
		if err != nil {
			return chat.Answer{}, err
		}
		return chat.Answer{Message: t.present.Certificates(t.asked(), firm, list, t.today())}, nil
	case "add":
		if rest == "" {
			return t.certificateForm(firm), nil
		}
		part := certificateText.FindStringSubmatch(rest)
		return t.enterCertificate(ctx, firm, part[1], part[2], part[3])
	case "remove":
		return t.removeCertificate(ctx, firm, rest)
	}
	return chat.Answer{}, t.usageOf(usage, "Say add or remove, or nothing more to see them.")
}

func (t *turn) certificateForm(firm storage.Contractor) chat.Answer {
	as := t.asked()
	return chat.Answer{
		Form:     t.present.CertificateForm(as, firm),
		Fallback: t.present.TryAgain(as, workflow.FirmCertificate, storage.Issue{}, nil, firm.ID),
	}
}

// openCertificate opens the form of a button.
func (t *turn) openCertificate(ctx context.Context, id string) (chat.Answer, error) {
	if err := workflow.Allowed(t.actor, workflow.FirmCertificate); err != nil {
		return chat.Answer{}, err
	}
	firm, err := t.firmByID(ctx, id)
	if err != nil {
		return chat.Answer{}, err
	}
	return t.certificateForm(firm), nil
}

// saveCertificate takes the form.
func (t *turn) saveCertificate(ctx context.Context, id string, v map[string]string) (chat.Answer, error) {
	if err := workflow.Allowed(t.actor, workflow.FirmCertificate); err != nil {
		return chat.Answer{}, err
	}
	firm, err := t.firmByID(ctx, id)
	if err != nil {
		return chat.Answer{}, err
	}
	return t.enterCertificate(ctx, firm, v["name"], v["until"], v["reference"])
}

// certificates lists those of a firm, or of all firms when it is empty.
func (t *turn) certificates(ctx context.Context, firm string) ([]storage.Certificate, error) {
	list, err := t.tx.ListCertificates(ctx, firm)
	if err != nil {
		return nil, fmt.Errorf("list certificates: %w", err)
	}
	return list, nil
}

// certificatesOf lists those of a firm in order to change them. Reading the firm first
// makes those who do so at once wait for each other.
func (t *turn) certificatesOf(ctx context.Context, firm string) ([]storage.Certificate, error) {
	if _, err := t.tx.Contractor(ctx, firm); err != nil {
		return nil, fmt.Errorf("load a contractor: %w", err)
	}
	return t.certificates(ctx, firm)
}

// today is the desk's day.
func (t *turn) today() workflow.Date { return workflow.DateOf(t.now.In(t.deskZone())) }

// certificateName is a name as it was typed, without the marks around it.
func certificateName(text string) string {
	return strings.Join(strings.Fields(strings.Trim(strings.TrimSpace(text), "\"“”„'«»")), " ")
}

func certificateAt(list []storage.Certificate, name string) int {
	return slices.IndexFunc(list, func(c storage.Certificate) bool { return strings.EqualFold(c.Name, name) })
}

// enterCertificate writes down that somebody of the desk has checked a certificate. One
// of the same name is renewed.
func (t *turn) enterCertificate(ctx context.Context, firm storage.Contractor, name, until, reference string) (chat.Answer, error) {
	is := storage.Certificate{
		ID: newID(), Contractor: firm.ID, Reference: strings.Join(strings.Fields(reference), " "),
		CheckedBy: workflow.Person{ID: t.actor.ID, Name: t.actor.Name}, CheckedAt: t.now,
	}
	is.Name = certificateName(name)
	if until = strings.TrimSpace(until); until != "" {
		day, err := when.Parse(until, t.now, t.deskZone())
		if err != nil {
			return chat.Answer{}, inField("until", err)
		}
		is.Until = workflow.DateOf(day.At.In(t.deskZone())).String()
	}
	if err := workflow.CheckCertificate(is.Certificate, t.today()); err != nil {
		return chat.Answer{}, err
	}
	if utf8.RuneCountInString(is.Reference) > present.MaxCertificateReference {
		return chat.Answer{}, workflow.RefuseField("reference", "Shorten this to %d characters.", present.MaxCertificateReference)
	}
	list, err := t.certificatesOf(ctx, firm.ID)
	if err != nil {
		return chat.Answer{}, err
	}
	var was storage.Certificate
	switch n := certificateAt(list, is.Name); {
	case n >= 0:
		was, is.ID = list[n], list[n].ID
	case len(list) >= workflow.MaxCertificates:
		return chat.Answer{}, workflow.Refuse(workflow.Invalid, "A firm has at most %d certificates: remove one first.", workflow.MaxCertificates)
	}
	is.TellAt = workflow.TellCertificate(is.Certificate, t.now.In(t.deskZone()))
	if err := t.tx.PutCertificate(ctx, is); err != nil {
		return chat.Answer{}, fmt.Errorf("put a certificate: %w", err)
	}
	if err := t.certificateChanged(ctx, firm, was, is); err != nil {
		return chat.Answer{}, err
	}
	return chat.Private(chat.T(t.present.Say("%s has the certificate “%s”: %s.", present.FirmName(firm), is.Name, t.present.CertificateEnd(is, t.today())))), nil
}

func (t *turn) removeCertificate(ctx context.Context, firm storage.Contractor, name string) (chat.Answer, error) {
	name = certificateName(name)
	list, err := t.certificatesOf(ctx, firm.ID)
	if err != nil {
		return chat.Answer{}, err
	}
	n := certificateAt(list, name)
	if n < 0 {
		return chat.Answer{}, workflow.Refuse(workflow.NotFound, "%s has no certificate %q. %s contractor certificate %s shows what it has.", present.FirmName(firm), short(name), t.present.Command, present.FirmName(firm))
	}
	if err := t.tx.RemoveCertificate(ctx, list[n].ID); err != nil {
		return chat.Answer{}, fmt.Errorf("remove a certificate: %w", err)
	}
	if err := t.certificateChanged(ctx, firm, list[n], storage.Certificate{}); err != nil {
		return chat.Answer{}, err
	}
	return chat.Private(chat.T(t.present.Say("%s has the certificate “%s” no longer. Work that it has accepted goes on.", present.FirmName(firm), list[n].Name))), nil
}

// certificateChanged writes a change of a firm's certificates into the history.
func (t *turn) certificateChanged(ctx context.Context, firm storage.Contractor, was, is storage.Certificate) error {
	text := func(c storage.Certificate) string {
		parts := []string{c.Name}
		if c.Until != "" {
			parts = append(parts, "until "+c.Until)
		}
		if c.Reference != "" {
			parts = append(parts, "ref "+c.Reference)
		}
		return strings.Join(parts, " ")
	}
	return t.record(ctx, "", workflow.Event{Kind: present.EventFirmCertificate, Data: map[string]string{
		"contractor": firm.ID, "before": text(was), "after": text(is),
	}})
}

// certificatesEnd tells the desk what of a firm's certificates ends soon or has ended.
func (t *turn) certificatesEnd(ctx context.Context, id string) error {
	if err := workflow.Allowed(t.actor, workflow.CertificateEnds); err != nil {
		return err
	}
	firm, err := t.tx.Contractor(ctx, id)
	if errors.Is(err, storage.ErrNotFound) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("load a contractor: %w", err)
	}
	list, err := t.certificates(ctx, id)
	if err != nil {
		return err
	}
	list = slices.DeleteFunc(list, func(c storage.Certificate) bool { return c.TellAt.IsZero() || c.TellAt.After(t.now) })
	for _, c := range list {
		c.TellAt = workflow.TellCertificate(c.Certificate, t.now.In(t.deskZone()))
		if err := t.tx.PutCertificate(ctx, c); err != nil {
			return fmt.Errorf("put a certificate: %w", err)
		}
	}
	if len(list) == 0 || firm.State == storage.ContractorOffboarded {
		return nil
	}
	p := t.toDesk()
	return t.tell(ctx, storage.OperationsChannel, p.CertificatesEnd(firm, list, t.today(), p.Command+" contractor certificate "+present.FirmName(firm)+" add"))
}

// papersOf are the certificates of firms, as a decision needs them.
func (t *turn) papersOf(ctx context.Context, firms ...string) (map[string]workflow.Papers, error) {
	out := make(map[string]workflow.Papers, len(firms))
	for _, id := range firms {
		firm, err := t.firm(ctx, t.tx, id)
		if err != nil && !errors.Is(err, storage.ErrNotFound) {
			return nil, err
		}
		list, err := t.certificates(ctx, id)
		if err != nil {
			return nil, err
		}
		out[id] = papers(firm, list)
	}
	return out, nil
}

func papers(firm storage.Contractor, list []storage.Certificate) workflow.Papers {
	p := workflow.Papers{Firm: present.FirmName(firm)}
	for _, c := range list {
		if c.Contractor == firm.ID {
			p.Held = append(p.Held, c.Certificate)
		}
	}
	return p
}

// paperFacts tell a command what the firms have that it may offer the issue to, where the
// issue needs certificates.
func (t *turn) paperFacts(ctx context.Context, i storage.Issue, cmd *workflow.Command) error {
	if len(i.Demands.Certificates) == 0 {
		return nil
	}
	var firms []string
	switch cmd.Verb {
	case workflow.Offer:
		firms = append(firms, cmd.Contractor)
		if a, ok := workflow.Find(i.Issue, cmd.Assignment); ok {
			firms = []string{a.Contractor}
		}
	case workflow.Decline, workflow.Expire:
		firms = i.Chain.Firms
	}
	if len(firms) == 0 {
		return nil
	}
	var err error
	cmd.Today = t.today()
	cmd.Papers, err = t.papersOf(ctx, firms...)
	return err
}

// mayHave refuses a firm that lacks a certificate that a job will need.
func (t *turn) mayHave(ctx context.Context, firm storage.Contractor, d workflow.Demands) error {
	if len(d.Certificates) == 0 {
		return nil
	}
	has, err := t.papersOf(ctx, firm.ID)
	if err != nil {
		return err
	}
	return workflow.CheckPapers(d.Certificates, has[firm.ID], t.today())
}

// lackHint says what a firm lacks to be sent the offer of a job that is prepared for it.
func (t *turn) lackHint(ctx context.Context, firm storage.Contractor, d workflow.Demands) (string, error) {
	if len(d.Certificates) == 0 {
		return "", nil
	}
	has, err := t.papersOf(ctx, firm.ID)
	if err != nil {
		return "", err
	}
	lacks := has[firm.ID].Lacks(d.Certificates, t.today())
	if len(lacks) == 0 {
		return "", nil
	}
	return t.present.Say("%s: %s. The offer is not sent before you enter what is missing.", present.FirmName(firm), t.present.Lacks(lacks)), nil
}

// lackHints say which of the firms in a chain will be passed over as things are.
func (t *turn) lackHints(ctx context.Context, i storage.Issue, firms []storage.Contractor) ([]string, error) {
	if len(i.Demands.Certificates) == 0 {
		return nil, nil
	}
	has, err := t.papersOf(ctx, idsOf(firms)...)
	if err != nil {
		return nil, err
	}
	var hints []string
	for _, c := range firms {
		if lacks := has[c.ID].Lacks(i.Demands.Certificates, t.today()); len(lacks) > 0 {
			hints = append(hints, t.present.Say("%s is passed over unless you enter what it lacks: %s.", present.FirmName(c), t.present.Lacks(lacks)))
		}
	}
	return hints, nil
}

// lackingLast puts the firms that lack a certificate behind the others and says so.
func (t *turn) lackingLast(ctx context.Context, i storage.Issue, firms []storage.Contractor, why map[string]string) (map[string]string, error) {
	if len(i.Demands.Certificates) == 0 {
		return why, nil
	}
	all, err := t.certificates(ctx, "")
	if err != nil {
		return nil, err
	}
	if why == nil {
		why = map[string]string{}
	}
	lacking := map[string]int{}
	for _, c := range firms {
		if lacks := papers(c, all).Lacks(i.Demands.Certificates, t.today()); len(lacks) > 0 {
			lacking[c.ID], why[c.ID] = 1, t.present.Lacks(lacks)
		}
	}
	slices.SortStableFunc(firms, func(a, b storage.Contractor) int { return lacking[a.ID] - lacking[b.ID] })
	return why, nil
}
