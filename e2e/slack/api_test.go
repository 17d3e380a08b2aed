package slack_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"time"
)

// The shapes of the REST API, as far as the tests look at them.
type issueView struct {
	Number      int              `json:"number"`
	Title       string           `json:"title"`
	Description string           `json:"description"`
	Topic       string           `json:"topic"`
	Priority    string           `json:"priority"`
	Place       string           `json:"place"`
	Status      string           `json:"status"`
	LiesWith    string           `json:"lies_with"`
	DueAt       *time.Time       `json:"due_at"`
	ExternalRef string           `json:"external_ref"`
	URL         string           `json:"url"`
	Assignments []assignmentView `json:"assignments"`
	RemindAt    *time.Time       `json:"remind_at"`
}

type assignmentView struct {
	ID         string `json:"id"`
	Contractor struct {
		ID, City, Company string
	} `json:"contractor"`
	Status         string     `json:"status"`
	DeclinedReason string     `json:"declined_reason"`
	AcceptBy       *time.Time `json:"accept_by"`
	Revision       int        `json:"revision"`
	Step           string     `json:"step"`
	StepFrom       *time.Time `json:"step_from"`
	Paused         *struct {
		Until *time.Time `json:"until"`
	} `json:"paused"`
	Checklist []struct {
		Text, By string
		At       *time.Time
	} `json:"checklist"`
	Evidence int                                `json:"evidence"`
	Costs    *struct{ Amount, Currency string } `json:"costs"`
	Activity string                             `json:"activity"`
	Terms    struct {
		Price, Limit *struct{ Amount, Currency string }
	} `json:"terms"`
	ApprovalRequest *struct {
		State, What, Reason string
		Amount              *struct{ Amount, Currency string }
	} `json:"approval_request"`
}

type commentView struct {
	ID     string `json:"id"`
	Author struct {
		Name, Side string
	} `json:"author"`
	Visibility string `json:"visibility"`
	Source     struct {
		Channel, Message string
	} `json:"source"`
	Text      string     `json:"text"`
	CreatedAt time.Time  `json:"created_at"`
	EditedAt  *time.Time `json:"edited_at"`
	DeletedAt *time.Time `json:"deleted_at"`
	Versions  []struct {
		Text string `json:"text"`
	} `json:"versions"`
	Files []fileView `json:"files"`
}

type fileView struct {
	Name    string `json:"name"`
	Size    int64  `json:"size"`
	Type    string `json:"type"`
	Digest  string `json:"digest"`
	Refused string `json:"refused"`
	URL     string `json:"url"`
}

// said are all texts of a comment, the oldest first.
func (c commentView) said() []string {
	var out []string
	for _, v := range c.Versions {
		out = append(out, v.Text)
	}
	if len(out) == 0 || out[len(out)-1] != c.Text {
		out = append(out, c.Text)
	}
	return out
}

type eventView struct {
	Kind string    `json:"kind"`
	At   time.Time `json:"at"`
}

// get reads from the API.
func (d *desk) get(path string, into any) {
	d.t.Helper()
	res, err := d.program.Call(http.MethodGet, "/api/v1"+path, nil)
	if err == nil && res.Status != http.StatusOK {
		err = fmt.Errorf("status %d: %s", res.Status, res.Body)
	}
	if err == nil {
		err = json.Unmarshal(res.Body, into)
	}
	if err != nil {
		d.t.Fatalf("GET %s: %v", path, err)
	}
}

func (d *desk) issue(number int) issueView {
	d.t.Helper()
	var out issueView
	d.get(fmt.Sprintf("/issues/%d", number), &out)
	return out
}

func (d *desk) comments(number int) []commentView {
	d.t.Helper()
	var out struct{ Items []commentView }
	d.get(fmt.Sprintf("/issues/%d/comments?limit=200", number), &out)
	return out.Items
}

// commentsWith waits until a comment says text, and returns those that do.
func (d *desk) commentsWith(number int, text string) []commentView {
	d.t.Helper()
	var found []commentView
	until(d.t, fmt.Sprintf("comment %q on #%d", text, number), func() bool {
		found = slices.DeleteFunc(d.comments(number), func(c commentView) bool { return !slices.Contains(c.said(), text) })
		return len(found) > 0
	})
	return found
}

// once waits for a comment and checks that it is in the ledger a single time.
func (d *desk) once(number int, text string) commentView {
	d.t.Helper()
	found := d.commentsWith(number, text)
	if len(found) != 1 {
		d.t.Fatalf("%q is in the ledger %d times: %+v", text, len(found), found)
	}
	return found[0]
}

func (d *desk) eventList(number int) []eventView {
	d.t.Helper()
	var list struct{ Items []eventView }
	d.get(fmt.Sprintf("/issues/%d/events?limit=200", number), &list)
	return list.Items
}

func (d *desk) events(number int) []string {
	d.t.Helper()
	var out []string
	for _, e := range d.eventList(number) {
		out = append(out, e.Kind)
	}
	return out
}

// when waits until a job's history has an event and tells its moment, the newest of them.
func (d *desk) when(number int, kind string) (at time.Time) {
	d.t.Helper()
	d.happened(number, kind)
	for _, e := range d.eventList(number) {
		if e.Kind == kind && e.At.After(at) {
			at = e.At
		}
	}
	return at
}

// status waits until an issue and its newest assignment have these statuses; an
// empty one is not looked at.
func (d *desk) status(number int, issue, assignment string) issueView {
	d.t.Helper()
	var i issueView
	until(d.t, fmt.Sprintf("#%d is %s with an assignment that is %s", number, issue, assignment), func() bool {
		i = d.issue(number)
		if issue != "" && i.Status != issue {
			return false
		}
		return assignment == "" || len(i.Assignments) > 0 && i.Assignments[len(i.Assignments)-1].Status == assignment
	})
	return i
}
