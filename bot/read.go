package bot

import (
	"context"
	"errors"
	"fmt"
	"time"

	"taskbridge/bot/chat"
	"taskbridge/storage"
	"taskbridge/workflow"
)

// view runs a read for a program and turns what is missing into chat.ErrNoSuch.
func (e *Engine) view(ctx context.Context, fn func(tx storage.Tx) error) error {
	err := e.store.View(ctx, e.desk, fn)
	if errors.Is(err, storage.ErrNotFound) {
		return chat.ErrNoSuch
	}
	if err != nil {
		return fmt.Errorf("read: %w", err)
	}
	return nil
}

// ListIssues implements chat.Reader.
func (e *Engine) ListIssues(ctx context.Context, q chat.IssueQuery) ([]chat.IssueView, error) {
	f := storage.IssueFilter{}
	if q.List != "" {
		named, ok := listFilter(q.List)
		if !ok {
			return nil, chat.ErrNoSuch
		}
		f = named
	}
	f.Before, f.Limit = q.Before, q.Limit
	var out []chat.IssueView
	err := e.view(ctx, func(tx storage.Tx) error {
		out = nil
		var err error
		if f.Contractor, err = contractorID(ctx, tx, q.Contractor); err != nil {
			return err
		}
		list, err := tx.ListIssues(ctx, f)
		if err != nil {
			return err
		}
		for _, i := range list {
			v, err := e.issueView(ctx, tx, i)
			if err != nil {
				return err
			}
			out = append(out, v)
		}
		return nil
	})
	return out, err
}

// contractorID finds the one contractor a program names, by id or by name.
func contractorID(ctx context.Context, tx storage.Tx, name string) (string, error) {
	if name == "" {
		return "", nil
	}
	all, err := tx.ListContractors(ctx)
	if err != nil {
		return "", err
	}
	found := meant(all, name)
	if len(found) != 1 {
		return "", storage.ErrNotFound
	}
	return found[0].ID, nil
}

// Issue implements chat.Reader.
func (e *Engine) Issue(ctx context.Context, number int) (out chat.IssueView, err error) {
	err = e.view(ctx, func(tx storage.Tx) error {
		i, err := tx.IssueByNumber(ctx, number)
		if err != nil {
			return err
		}
		out, err = e.issueView(ctx, tx, i)
		return err
	})
	return out, err
}

func (e *Engine) issueView(ctx context.Context, tx storage.Tx, i storage.Issue) (chat.IssueView, error) {
	j, err := e.job(ctx, tx, i)
	if err == nil {
		j.Evidence, err = e.shownEvidence(ctx, tx, i)
	}
	if err != nil {
		return chat.IssueView{}, err
	}
	v := chat.IssueView{
		Number: i.Number, Title: i.Title, Description: i.Description, Topic: i.Topic, Priority: i.Priority,
		Place: i.Place, Customer: i.Customer, Status: string(i.Status), LiesWith: string(i.LiesWith),
		RemindAt: moment(i.RemindAt), DueAt: moment(i.DueAt), ExternalRef: i.ExternalRef, URL: i.URL, SourceURL: i.SourceURL,
		CreatedAt: i.CreatedAt.UTC(), ClosedAt: moment(i.ClosedAt), Assignments: []chat.AssignmentView{},
		NextInTurn: []chat.ContractorView{}, Followers: []int{},
	}
	if after := i.Line.After; after.Number > 0 {
		v.Follows = &chat.FollowsView{Number: after.Number, State: string(after.State)}
	}
	for _, f := range i.Line.Next {
		v.Followers = append(v.Followers, f.Number)
	}
	for _, id := range i.Chain.Firms {
		c := j.Firms[id]
		v.NextInTurn = append(v.NextInTurn, chat.ContractorView{ID: id, City: c.City, Company: c.Company})
	}
	for _, a := range i.Assignments {
		c := j.Firms[a.Contractor]
		var rating *chat.RatingView
		if r := a.Rating; r.Stars > 0 {
			rating = &chat.RatingView{Stars: r.Stars, Text: r.Text, Shared: r.Shared, By: r.By.Name, At: r.At.UTC()}
		}
		view := chat.AssignmentView{
			ID: a.ID, Contractor: chat.ContractorView{ID: c.ID, City: c.City, Company: c.Company},
			Status: string(a.Status), InCharge: a.InCharge.Name, AcceptBy: moment(a.Terms.AcceptBy),
			Terms: termsView(a.Terms), CounterOffer: counterView(a.Counter),
			ApprovalRequest: requestView(a.Request),
			DeclinedReason:  a.DeclinedReason, DeclinedText: a.DeclinedText, SendBackReason: a.SendBackReason,
			SendBacks: a.SendBacks, Rating: rating,
			CompletionNote: a.Completion.Note, EffortMinutes: a.Completion.Effort,
			CreatedAt: a.CreatedAt.UTC(), Revision: a.Revision,
		}
		addWork(&view, i.Demands, a)
		view.Evidence = len(j.Evidence[a.ID])
		v.Assignments = append(v.Assignments, view)
	}
	status, _, _ := workflow.CustomerView(i.Issue, j.Steps)
	v.ApprovalRequest = requestView(i.Request)
	v.CustomerStatus, v.Demands = string(status), demandsView(i.Demands)
	return v, nil
}

func termsView(t workflow.Terms) chat.TermsView {
	return chat.TermsView{DueAt: moment(t.Due), Price: moneyView(t.Price), Limit: moneyView(t.Limit), Note: t.Note}
}

func counterView(c workflow.Counter) *chat.CounterView {
	if !c.Open() {
		return nil
	}
	return &chat.CounterView{By: c.By.Name, At: c.At.UTC(), DueAt: moment(c.Due), Price: moneyView(c.Price), Note: c.Note}
}

func moneyView(m workflow.Money) *chat.MoneyView {
	if m == "" {
		return nil
	}
	return &chat.MoneyView{Amount: m.Amount(), Currency: m.Currency()}
}

// moment is a time for a program: nothing instead of the zero time.
func moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}

// Comments implements chat.Reader.
func (e *Engine) Comments(ctx context.Context, number int, after string, limit int) ([]chat.CommentView, error) {
	var out []chat.CommentView
	err := e.view(ctx, func(tx storage.Tx) error {
		out = nil
		i, err := tx.IssueByNumber(ctx, number)
		if err != nil {
			return err
		}
		list, err := tx.ListComments(ctx, storage.CommentFilter{Issue: i.ID, After: after, Limit: limit})
		if err != nil {
			return err
		}
		for _, c := range list {
			if !c.Orphan {
				out = append(out, commentView(c))
			}
		}
		return nil
	})
	return out, err
}

func commentView(c storage.Comment) chat.CommentView {
	texts := Texts(c)
	v := chat.CommentView{
		ID: c.ID, Author: chat.AuthorView{ID: c.Author.ID, Name: c.Author.Name, Side: c.Author.Side},
		Visibility: string(c.Visibility), Text: c.Text, CreatedAt: c.CreatedAt.UTC(), DeletedAt: moment(c.DeletedAt),
		Held: c.Held, Versions: []chat.VersionView{}, Files: []chat.FileView{},
		Source: chat.SourceView{Platform: c.Source.Platform, Channel: c.Source.Channel, Message: c.Source.Message},
	}
	// A message that was read from history after an edit has only its last text.
	if len(texts) > 1 || !c.EditedAt.IsZero() && len(c.Versions) == 0 {
		v.EditedAt = moment(texts[len(texts)-1].At)
	}
	for _, t := range texts {
		v.Versions = append(v.Versions, chat.VersionView{Text: t.Text, At: t.At.UTC()})
	}
	for _, f := range c.Files {
		v.Files = append(v.Files, chat.FileView{Name: f.Name, Size: f.Size, Type: f.Type, Digest: f.Digest, Refused: f.Refused, URL: f.URL})
	}
	return v
}

// Events implements chat.Reader.
func (e *Engine) Events(ctx context.Context, number int, after int64, limit int) ([]chat.EventView, error) {
	var out []chat.EventView
	err := e.view(ctx, func(tx storage.Tx) error {
		out = nil
		i, err := tx.IssueByNumber(ctx, number)
		if err != nil {
			return err
		}
		list, err := tx.ListEvents(ctx, i.ID, after, limit)
		for _, ev := range list {
			out = append(out, chat.EventView{Seq: ev.Seq, At: ev.At.UTC(), Actor: ev.Actor.Name, Kind: ev.Kind, Data: ev.Data})
		}
		return err
	})
	return out, err
}

// Contractors implements chat.Reader.
func (e *Engine) Contractors(ctx context.Context) ([]chat.ContractorView, error) {
	var out []chat.ContractorView
	err := e.view(ctx, func(tx storage.Tx) error {
		out = nil
		list, err := tx.ListContractors(ctx)
		if err != nil {
			return err
		}
		chans, err := tx.ListChannels(ctx, storage.ContractorChannel, "")
		if err != nil {
			return err
		}
		papers, err := tx.ListCertificates(ctx, "")
		if err != nil {
			return err
		}
		invs, err := tx.ListInvitations(ctx, "")
		if err != nil {
			return err
		}
		for _, c := range list {
			v := chat.ContractorView{ID: c.ID, City: c.City, Company: c.Company, State: string(c.State)}
			for _, ch := range chans {
				if ch.Contractor == c.ID {
					v.Channels = append(v.Channels, chat.ChannelView{Platform: platformOf(ch.Workspace), ID: ch.ID, Name: ch.Name, URL: ch.URL, State: ch.State})
				}
			}
			for _, i := range invs {
				if i.Contractor == c.ID {
					v.Invitations = append(v.Invitations, chat.InvitationView{Address: i.Address, State: i.State, Note: i.Note, At: i.At.UTC()})
				}
			}
			for _, p := range papers {
				if p.Contractor == c.ID {
					v.Certificates = append(v.Certificates, chat.CertificateView{Name: p.Name, Until: p.Until, Reference: p.Reference, CheckedBy: p.CheckedBy.Name, CheckedAt: p.CheckedAt.UTC()})
				}
			}
			out = append(out, v)
		}
		return nil
	})
	return out, err
}

func named[K workflow.IssueStatus | workflow.Status | workflow.Side](in map[K]int) map[string]int {
	out := map[string]int{}
	for k, n := range in {
		out[string(k)] = n
	}
	return out
}
