package rest

import (
	"cmp"
	"context"
	"net/http"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"taskbridge/bot/chat"
)

const (
	shared   = "shared"
	internal = "internal"
	// readBackPage and readBackPages bound the search for a comment just made.
	readBackPage  = 200
	readBackPages = 50
)

// NewComment is what a comment is made of.
type NewComment struct {
	Text       string `json:"text" minLength:"1" maxLength:"10000"`
	Visibility string `json:"visibility,omitempty" enum:"shared,internal" default:"shared" doc:"Shared is read by the contractor too; internal only by the desk."`
	Author     string `json:"author,omitempty" maxLength:"100" doc:"The name it is shown under; API when it is not given."`
}

// Resolve implements huma.Resolver: the checks that a schema cannot express.
func (n *NewComment) Resolve(huma.Context) []error {
	faults := checkFilled("text", n.Text)
	faults = append(faults, checkText("text", n.Text)...)
	return append(faults, checkLine("author", n.Author)...)
}

type oneComment struct{ Body chat.CommentView }

func (a *API) registerComments(api huma.API) {
	huma.Register(api, operation(huma.Operation{
		OperationID: "list-comments", Method: http.MethodGet, Path: "/issues/{number}/comments",
		Summary: "List an issue's comments with their earlier versions, the oldest first",
		Errors:  []int{http.StatusNotFound},
	}), a.listComments)
	huma.Register(api, operation(huma.Operation{
		OperationID: "add-comment", Method: http.MethodPost, Path: "/issues/{number}/comments",
		Summary: "Add a comment to an issue", DefaultStatus: http.StatusCreated,
		Errors: writeErrors(),
	}), a.addComment)
	huma.Register(api, operation(huma.Operation{
		OperationID: "list-events", Method: http.MethodGet, Path: "/issues/{number}/events",
		Summary: "List an issue's history, the oldest first",
		Errors:  []int{http.StatusNotFound},
	}), a.listEvents)
}

func (a *API) listComments(ctx context.Context, in *struct {
	Numbered
	Page
},
) (*listed[chat.CommentView], error) {
	comments, err := a.reader.Comments(ctx, in.Number, in.After, in.Limit+1)
	if err != nil {
		return nil, a.failedRead(ctx, "issue", err)
	}
	for i := range comments {
		comments[i] = tidyComment(comments[i])
	}
	return cut(comments, in.Limit, func(v chat.CommentView) string { return v.ID }), nil
}

func (a *API) addComment(ctx context.Context, in *struct {
	Numbered
	Idempotent
	Body NewComment
},
) (*oneComment, error) {
	body := in.Body
	if body.Visibility == "" {
		body.Visibility = shared
	}
	verb := "comment"
	if body.Visibility == internal {
		verb = "note"
	}
	fields := map[string]string{"text": body.Text, "visibility": body.Visibility}
	put(fields, "author", body.Author)
	key := in.Key
	if key != "" {
		key = strconv.Itoa(in.Number) + ":" + key
	}
	answer, err := a.do(ctx, wish{verb: verb, number: in.Number, fields: fields, key: key})
	if err != nil {
		return nil, err
	}
	comment, err := a.readBack(ctx, in.Number, answer.Subject)
	if err != nil {
		// It is made, so an error would only bring a second one. What is known of
		// it is the answer.
		a.logger.WarnContext(ctx, "rest: read the new comment", "issue", in.Number, "err", err)
		comment = tidyComment(chat.CommentView{
			ID: answer.Subject, Visibility: body.Visibility, Text: body.Text, CreatedAt: a.now(),
			Author: chat.AuthorView{ID: apiID, Name: cmp.Or(body.Author, apiName), Side: "operator"},
			Source: chat.SourceView{Platform: "rest"},
		})
	}
	return &oneComment{Body: comment}, nil
}

// readBack finds the comment that was made, which stands at the list's end.
func (a *API) readBack(ctx context.Context, number int, id string) (chat.CommentView, error) {
	after := ""
	for range readBackPages {
		comments, err := a.reader.Comments(ctx, number, after, readBackPage)
		if err != nil {
			return chat.CommentView{}, err
		}
		for _, c := range comments {
			if c.ID == id {
				return tidyComment(c), nil
			}
		}
		if len(comments) < readBackPage {
			break
		}
		after = comments[len(comments)-1].ID
	}
	return chat.CommentView{}, chat.ErrNoSuch
}

func (a *API) listEvents(ctx context.Context, in *struct {
	Numbered
	Page
},
) (*listed[chat.EventView], error) {
	var after int64
	if in.After != "" {
		var err error
		if after, err = strconv.ParseInt(in.After, 10, 64); err != nil || after < 0 {
			return nil, badCursor()
		}
	}
	events, err := a.reader.Events(ctx, in.Number, after, in.Limit+1)
	if err != nil {
		return nil, a.failedRead(ctx, "issue", err)
	}
	for i := range events {
		if events[i].Data == nil {
			events[i].Data = map[string]string{}
		}
	}
	return cut(events, in.Limit, func(v chat.EventView) string { return strconv.FormatInt(v.Seq, 10) }), nil
}

// tidyComment makes empty lists of missing ones.
func tidyComment(v chat.CommentView) chat.CommentView {
	if v.Versions == nil {
		v.Versions = []chat.VersionView{}
	}
	if v.Files == nil {
		v.Files = []chat.FileView{}
	}
	return v
}
