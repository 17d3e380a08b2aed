package bot

import (
	"context"

	"taskbridge/bot/chat"
	"taskbridge/bot/present"
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
