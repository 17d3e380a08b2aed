package bot

import (
	"context"
	"crypto/rand"
	"encoding/base32"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"taskbridge/bot/chat"
	"taskbridge/bot/present"
	"taskbridge/storage"
	"taskbridge/workflow"
)

// A status link lets a customer see how a job stands, and nothing else of it. It is a
// random id and our signature of it: what stands in the database alone opens nothing.

// statusMark is what the signatures of status links are for.
const statusMark = "status link"

// ServeStatusAt says where status links lead, such as "https://tasks.example.com/status/".
func (e *Engine) ServeStatusAt(base string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.statusBase = base
}

func (e *Engine) statusURL(l storage.StatusLink) string {
	e.mu.RLock()
	defer e.mu.RUnlock()
	return e.statusBase + l.ID + e.signer.Mark(statusMark, l.ID)
}

// cmdStatusLink gives, mails or ends the link of an issue.
func (t *turn) cmdStatusLink(ctx context.Context, rest string) (chat.Answer, error) {
	i, rest, err := t.issueIn(ctx, workflow.Create, rest)
	if err != nil {
		return chat.Answer{}, err
	}
	word := strings.TrimSpace(rest)
	if strings.EqualFold(word, "off") {
		if err := t.tx.RemoveStatusLink(ctx, i.ID); err != nil {
			return chat.Answer{}, fmt.Errorf("remove a status link: %w", err)
		}
		err := t.record(ctx, i.ID, workflow.Event{Kind: "status_link_ended"})
		return did(i, t.present.Say("The customer's link to %s leads nowhere any more.", present.Heading(i))), err
	}
	var to mailbox
	if word != "" {
		if to, err = t.mailboxOf(word); err != nil {
			return chat.Answer{}, err
		}
	}
	link, err := t.statusLink(ctx, i)
	if err != nil {
		return chat.Answer{}, err
	}
	where := t.statusURL(link)
	if to.ID == "" {
		return chat.Private(t.present.StatusLink(i, where)), nil
	}
	link.Workspace, link.Address = to.workspace, to.ID
	if err := t.tx.PutStatusLink(ctx, link); err != nil {
		return chat.Answer{}, fmt.Errorf("put a status link: %w", err)
	}
	if err := t.toCustomer(ctx, link, t.toDesk().StatusLetter(where)); err != nil {
		return chat.Answer{}, err
	}
	return did(i, t.present.Say("The link to how %s stands is on its way to %s.", present.Heading(i), to.Name)), nil
}

// toCustomer sends a letter to where a link was sent.
func (t *turn) toCustomer(ctx context.Context, l storage.StatusLink, m chat.Message) error {
	lane := storage.Lane{Workspace: l.Workspace, Name: personLane + l.Address}
	return t.enqueue(ctx, lane, deliverWhisper, whisperPayload{Person: l.Address, Channel: l.Address, Message: m})
}

// statusLink is the link of an issue, made when there is none.
func (t *turn) statusLink(ctx context.Context, i storage.Issue) (storage.StatusLink, error) {
	link, err := t.tx.IssueStatusLink(ctx, i.ID)
	if err == nil || !errors.Is(err, storage.ErrNotFound) {
		return link, err
	}
	link = storage.StatusLink{ID: newStatusID(), Issue: i.ID, CreatedAt: t.now}
	if err := t.tx.PutStatusLink(ctx, link); err != nil {
		return link, fmt.Errorf("put a status link: %w", err)
	}
	return link, t.record(ctx, i.ID, workflow.Event{Kind: "status_link_made"})
}

// statusIssue finds the job that a link is about.
func (e *Engine) statusIssue(ctx context.Context, token string) (present.Job, error) {
	var job present.Job
	if len(token) != 2*statusIDSize || !e.signer.Marked(statusMark, token[:statusIDSize], token[statusIDSize:]) {
		return job, chat.ErrNoSuch
	}
	err := e.view(ctx, func(tx storage.Tx) error {
		link, err := tx.StatusLink(ctx, token[:statusIDSize])
		if err != nil {
			return err
		}
		i, err := tx.Issue(ctx, link.Issue)
		if err != nil {
			return err
		}
		job, err = e.job(ctx, tx, i)
		return err
	})
	return job, err
}

// StatusAt implements chat.StatusReader.
func (e *Engine) StatusAt(ctx context.Context, token, language string) (chat.StatusView, error) {
	job, err := e.statusIssue(ctx, token)
	if err != nil {
		return chat.StatusView{}, err
	}
	return e.inLocale(e.speaking(storage.Contractor{}), language).Status(job), nil
}

// RateAt implements chat.StatusReader.
func (e *Engine) RateAt(ctx context.Context, token, language, key string, stars int, text string) (chat.Answer, error) {
	return e.fromCustomer(ctx, token, language, key, requestRating, map[string]string{"stars": strconv.Itoa(stars), "text": text})
}

// requestRating is the request of a customer's rating.
const requestRating = "rate once"

// rateOnce takes a customer's rating. One that was given stays as it is.
func (t *turn) rateOnce(ctx context.Context, i storage.Issue, v map[string]string) (chat.Answer, error) {
	a, ok := workflow.CustomerRates(i.Issue)
	if !ok {
		return chat.Answer{}, workflow.Refuse(workflow.Conflict, "The work is not finished yet. Please come back when it is.")
	}
	if a.Rating.Stars != 0 {
		return chat.Answer{}, workflow.Refuse(workflow.Conflict, "This work was rated already. Thank you.")
	}
	cmd := workflow.Command{Verb: workflow.Rate, Assignment: a.ID, Text: v["text"]}
	// What is no number is refused as no rating.
	cmd.Stars, _ = strconv.Atoi(v["stars"])
	return t.rate(ctx, i, cmd)
}

// statusIDSize is the length of a status link's id, and of its signature, in characters:
// 80 bits each.
const statusIDSize = 16

func newStatusID() string {
	b := make([]byte, 10)
	// It never fails (crypto/rand).
	_, _ = rand.Read(b)
	return strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(b))
}
