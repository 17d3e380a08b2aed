package bot

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"taskbridge/bot/chat"
	"taskbridge/bot/present"
	"taskbridge/storage"
	"taskbridge/workflow"
)

// request takes a typed wish from a program.
func (t *turn) request(ctx context.Context, b chat.Request) (chat.Answer, error) {
	v := trimmed(b.Fields)
	if b.Verb == "new" {
		return t.requestNew(ctx, v)
	}
	i, err := t.issueByNumber(ctx, b.Number)
	if err != nil {
		return chat.Answer{}, err
	}
	switch b.Verb {
	case "close":
		if i, err = t.apply(ctx, i, workflow.Command{Verb: workflow.Close}); err != nil {
			return chat.Answer{}, err
		}
		return did(i, t.present.Say("%s is closed.", present.Heading(i))), nil
	case "comment":
		if v["author"] != "" {
			t.actor.Name = v["author"]
		}
		return t.writeToFirm(ctx, i, "", v["text"])
	case "note":
		if v["author"] != "" {
			t.actor.Name = v["author"]
		}
		return t.writeNote(ctx, i, v["text"])
	case "follow":
		return t.requestFollow(ctx, i, v["after"])
	case "certificates":
		return t.requestCertificates(ctx, i, v["certificates"])
	case "approval":
		return t.requestAnswer(ctx, i, v)
	case requestRating:
		return t.rateOnce(ctx, i, v)
	case requestVisit:
		return t.answerVisit(ctx, i, v)
	default:
		return chat.Answer{}, workflow.Refuse(workflow.Invalid, "There is no request %q.", short(b.Verb))
	}
}

// deadline takes what has become due.
func (t *turn) deadline(ctx context.Context, b chat.Deadline) error {
	if verb, round := strings.CutSuffix(b.Kind, roundSuffix); round && b.Kind != remindRound {
		return t.bundle(ctx, workflow.Verb(verb), strings.Fields(b.Subject))
	}
	verb := workflow.Verb(b.Kind)
	cmd := workflow.Command{Verb: verb}
	var issue string
	switch verb {
	case workflow.WarnOffer, workflow.Expire, workflow.CountDown:
		a, err := t.tx.Assignment(ctx, b.Subject)
		if errors.Is(err, storage.ErrNotFound) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("load an assignment: %w", err)
		}
		issue, cmd.Assignment = a.Issue, a.ID
	case remindRound:
		return t.round(ctx, strings.Fields(b.Subject))
	case workflow.CertificateEnds:
		return t.certificatesEnd(ctx, b.Subject)
	case workflow.SendDigest:
		return t.digestDue(ctx, storage.DigestKind(b.Subject))
	default:
		issue = b.Subject
	}
	i, err := t.issueByID(ctx, issue)
	if err != nil {
		return err
	}
	if verb == workflow.Expire {
		if cmd, err = t.withNext(ctx, i, cmd); err != nil {
			return err
		}
	}
	_, err = t.apply(ctx, i, cmd)
	return err
}
