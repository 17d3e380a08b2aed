package rest

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"taskbridge/bot/chat"
)

// NewIssue is what an issue is made of. The lengths are those that the engine takes.
type NewIssue struct {
	Title       string    `json:"title" minLength:"1" maxLength:"150" doc:"One line that says what is to be done."`
	Description string    `json:"description,omitempty" maxLength:"10000"`
	Topic       string    `json:"topic,omitempty" maxLength:"60"`
	Priority    string    `json:"priority,omitempty" enum:"low,normal,high,urgent" doc:"Normal when it is not given."`
	Place       string    `json:"place,omitempty" maxLength:"150"`
	Customer    string    `json:"customer,omitempty" maxLength:"200" doc:"Never shown to contractors."`
	DueAt       time.Time `json:"due_at,omitzero" required:"false" doc:"When the work should be done."`
	ExternalRef string    `json:"external_ref,omitempty" maxLength:"100" doc:"The job's name in another system, such as a CRM."`
	URL         string    `json:"url,omitempty" maxLength:"2000" doc:"Where the job is in another system: an http or https address."`

	Follows       int      `json:"follows,omitempty" minimum:"1" maximum:"1000000000" doc:"The number of the issue that has to be done before this one is handed out."`
	Certificates  []string `json:"certificates,omitempty" maxItems:"5" doc:"The names of the certificates that a contractor must have to be offered the issue."`
	NeedsApproval string   `json:"needs_approval,omitempty" maxLength:"500" doc:"Why somebody who may approve above the desk's limit has to approve the issue before it is offered; without it, nobody has to."`
}

// Resolve implements huma.Resolver: the checks that a schema cannot express.
func (n *NewIssue) Resolve(huma.Context) []error {
	faults := checkFilled("title", n.Title)
	for _, line := range []struct{ name, value string }{
		{"title", n.Title},
		{"topic", n.Topic},
		{"place", n.Place},
		{"customer", n.Customer},
		{"external_ref", n.ExternalRef},
		{"url", n.URL},
		{"needs_approval", n.NeedsApproval},
	} {
		faults = append(faults, checkLine(line.name, line.value)...)
	}
	for _, name := range n.Certificates {
		faults = append(faults, checkLine("certificates", name)...)
	}
	faults = append(faults, checkText("description", n.Description)...)
	if n.URL != "" && !isWebAddress(n.URL) {
		faults = append(faults, fault("url", "The field url must be an http or https address.")...)
	}
	return faults
}

func isWebAddress(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != ""
}

func (n *NewIssue) fields() map[string]string {
	f := map[string]string{"title": n.Title}
	put(f, "description", n.Description)
	put(f, "topic", n.Topic)
	put(f, "priority", n.Priority)
	put(f, "place", n.Place)
	put(f, "customer", n.Customer)
	put(f, "external_ref", n.ExternalRef)
	put(f, "url", n.URL)
	put(f, "certificates", strings.Join(n.Certificates, "\n"))
	put(f, "needs_approval", n.NeedsApproval)
	if n.Follows > 0 {
		f["follows"] = strconv.Itoa(n.Follows)
	}
	if !n.DueAt.IsZero() {
		f["due"] = n.DueAt.Format(time.RFC3339)
	}
	return f
}

// view is the issue as far as the request tells.
func (n *NewIssue) view(number int, at time.Time) chat.IssueView {
	v := chat.IssueView{
		Number: number, Title: n.Title, Description: n.Description, Topic: n.Topic,
		Priority: cmp.Or(n.Priority, "normal"), Place: n.Place, Customer: n.Customer,
		Status: "reported", LiesWith: "operator",
		ExternalRef: n.ExternalRef, URL: n.URL, CreatedAt: at,
	}
	if !n.DueAt.IsZero() {
		v.DueAt = &n.DueAt
	}
	return v
}

// Numbered is what every request about one issue takes.
type Numbered struct {
	Number int `path:"number" minimum:"1" maximum:"1000000000" doc:"The issue's number."`
}

type oneIssue struct{ Body chat.IssueView }

type createdIssue struct {
	Location string `header:"Location"`
	Body     chat.IssueView
}

func (a *API) registerIssues(api huma.API) {
	huma.Register(api, operation(huma.Operation{
		OperationID: "list-issues", Method: http.MethodGet, Path: "/issues",
		Summary: "List issues, the newest first",
	}), a.listIssues)
	huma.Register(api, operation(huma.Operation{
		OperationID: "create-issue", Method: http.MethodPost, Path: "/issues",
		Summary: "Create an issue", DefaultStatus: http.StatusCreated,
		Errors: writeErrors(),
	}), a.createIssue)
	huma.Register(api, operation(huma.Operation{
		OperationID: "get-issue", Method: http.MethodGet, Path: "/issues/{number}",
		Summary: "Get an issue", Errors: []int{http.StatusNotFound},
	}), a.getIssue)
	huma.Register(api, operation(huma.Operation{
		OperationID: "close-issue", Method: http.MethodPost, Path: "/issues/{number}/close",
		Summary: "Close an issue", Errors: writeErrors(),
	}), a.closeIssue)
	huma.Register(api, operation(huma.Operation{
		OperationID: "list-assignments", Method: http.MethodGet, Path: "/issues/{number}/assignments",
		Summary: "List an issue's assignments, in the order they were made", Errors: []int{http.StatusNotFound},
	}), a.listAssignments)
}

func writeErrors() []int {
	return []int{
		http.StatusForbidden, http.StatusNotFound, http.StatusConflict,
		http.StatusRequestEntityTooLarge, http.StatusServiceUnavailable,
	}
}

func (a *API) listIssues(ctx context.Context, in *struct {
	Page
	List       string `query:"list" enum:"new,open,waiting,offered,declined,progress,approval,overdue,done" doc:"Only the issues of this list, as in the slash command."`
	Contractor string `query:"contractor" maxLength:"200" doc:"Only issues of this contractor, by id or name."`
},
) (*listed[chat.IssueView], error) {
	before := 0
	if in.After != "" {
		var err error
		if before, err = strconv.Atoi(in.After); err != nil || before < 1 {
			return nil, badCursor()
		}
	}
	issues, err := a.reader.ListIssues(ctx, chat.IssueQuery{
		List: in.List, Contractor: in.Contractor, Before: before, Limit: in.Limit + 1,
	})
	if err != nil {
		return nil, a.failedRead(ctx, "contractor", err)
	}
	for i := range issues {
		issues[i] = tidyIssue(issues[i])
	}
	return cut(issues, in.Limit, func(v chat.IssueView) string { return strconv.Itoa(v.Number) }), nil
}

func (a *API) createIssue(ctx context.Context, in *struct {
	Idempotent
	Body NewIssue
},
) (*createdIssue, error) {
	answer, err := a.do(ctx, wish{verb: "new", fields: in.Body.fields(), key: in.Key})
	if err != nil {
		return nil, err
	}
	issue, err := a.reader.Issue(ctx, answer.Number)
	if err != nil {
		// It is made, so an error would only bring a second one. What is known of
		// it is the answer.
		a.logger.WarnContext(ctx, "rest: read the new issue", "issue", answer.Number, "err", err)
		issue = in.Body.view(answer.Number, a.now())
	}
	return &createdIssue{Location: fmt.Sprintf("%s/issues/%d", Prefix, answer.Number), Body: tidyIssue(issue)}, nil
}

func (a *API) getIssue(ctx context.Context, in *Numbered) (*oneIssue, error) {
	issue, err := a.issue(ctx, in.Number)
	if err != nil {
		return nil, err
	}
	return &oneIssue{Body: issue}, nil
}

func (a *API) closeIssue(ctx context.Context, in *struct {
	Numbered
	Idempotent
},
) (*oneIssue, error) {
	return a.change(ctx, in.Numbered, in.Idempotent, "close", nil)
}

// change asks for a change of an issue and gives the issue as it is then.
func (a *API) change(ctx context.Context, issue Numbered, once Idempotent, verb string, fields map[string]string) (*oneIssue, error) {
	key := once.Key
	if key != "" {
		key = strconv.Itoa(issue.Number) + ":" + key
	}
	if _, err := a.do(ctx, wish{verb: verb, number: issue.Number, fields: fields, key: key}); err != nil {
		return nil, err
	}
	return a.getIssue(ctx, &issue)
}

func (a *API) listAssignments(ctx context.Context, in *Numbered) (*listed[chat.AssignmentView], error) {
	issue, err := a.issue(ctx, in.Number)
	if err != nil {
		return nil, err
	}
	return cut(issue.Assignments, len(issue.Assignments), func(v chat.AssignmentView) string { return v.ID }), nil
}

func (a *API) issue(ctx context.Context, number int) (chat.IssueView, error) {
	issue, err := a.reader.Issue(ctx, number)
	if err != nil {
		return chat.IssueView{}, a.failedRead(ctx, "issue", err)
	}
	return tidyIssue(issue), nil
}

// tidyIssue makes an empty list of a missing one, so that callers need not tell
// null from empty.
func tidyIssue(v chat.IssueView) chat.IssueView {
	if v.Assignments == nil {
		v.Assignments = []chat.AssignmentView{}
	}
	return v
}

func badCursor() error {
	return newProblem(http.StatusUnprocessableEntity, "The value of after must be the next of an earlier page.")
}
