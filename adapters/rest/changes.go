package rest

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
)

// Following is what an issue waits for.
type Following struct {
	After int `json:"after" minimum:"0" maximum:"1000000000" doc:"The number of the issue that has to be done first; 0 lets this one wait for no other any more."`
}

// Needed are the certificates that an issue needs.
type Needed struct {
	Certificates []string `json:"certificates" maxItems:"5" nullable:"false" doc:"The names of those that a contractor must have to be offered the issue; they take the place of the earlier ones."`
}

// Resolve implements huma.Resolver: the checks that a schema cannot express.
func (n *Needed) Resolve(huma.Context) (faults []error) {
	for _, name := range n.Certificates {
		faults = append(faults, checkFilled("certificates", name)...)
		faults = append(faults, checkLine("certificates", name)...)
	}
	return faults
}

// ApprovalAnswer is what the desk says to what it is asked to approve.
type ApprovalAnswer struct {
	Answer  string    `json:"answer" enum:"approve,refuse"`
	Reason  string    `json:"reason,omitempty" maxLength:"500" doc:"Why it is refused; a refusal needs one."`
	AskedAt time.Time `json:"asked_at" doc:"The at of the approval_request that is answered. The answer is refused when another one has taken its place."`
}

// Resolve implements huma.Resolver: the checks that a schema cannot express.
func (n *ApprovalAnswer) Resolve(huma.Context) []error { return checkText("reason", n.Reason) }

func (a *API) registerChanges(api huma.API) {
	huma.Register(api, operation(huma.Operation{
		OperationID: "follow-issue", Method: http.MethodPost, Path: "/issues/{number}/follow",
		Summary: "Let an issue wait until another one is done", Errors: writeErrors(),
	}), a.followIssue)
	huma.Register(api, operation(huma.Operation{
		OperationID: "need-certificates", Method: http.MethodPost, Path: "/issues/{number}/certificates",
		Summary: "Say which certificates an issue needs", Errors: writeErrors(),
	}), a.needCertificates)
	huma.Register(api, operation(huma.Operation{
		OperationID: "answer-approval", Method: http.MethodPost, Path: "/issues/{number}/approval",
		Summary: "Answer the approval_request of an issue, or of its assignment, that is open", Errors: writeErrors(),
	}), a.answerApproval)
}

func (a *API) followIssue(ctx context.Context, in *struct {
	Numbered
	Idempotent
	Body Following
},
) (*oneIssue, error) {
	fields := map[string]string{}
	if in.Body.After > 0 {
		fields["after"] = strconv.Itoa(in.Body.After)
	}
	return a.change(ctx, in.Numbered, in.Idempotent, "follow", fields)
}

func (a *API) needCertificates(ctx context.Context, in *struct {
	Numbered
	Idempotent
	Body Needed
},
) (*oneIssue, error) {
	return a.change(ctx, in.Numbered, in.Idempotent, "certificates", map[string]string{"certificates": strings.Join(in.Body.Certificates, "\n")})
}

func (a *API) answerApproval(ctx context.Context, in *struct {
	Numbered
	Idempotent
	Body ApprovalAnswer
},
) (*oneIssue, error) {
	fields := map[string]string{"answer": in.Body.Answer, "asked_at": in.Body.AskedAt.Format(time.RFC3339Nano)}
	put(fields, "reason", in.Body.Reason)
	return a.change(ctx, in.Numbered, in.Idempotent, "approval", fields)
}
