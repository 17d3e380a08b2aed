package harness

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"testing"
	"time"
)

// API is a client of the product's REST API.
type API struct{ base, token string }

// The shapes of the API, as far as scenarios look at them.
type (
	// Issue is a job.
	Issue struct {
		Number      int          `json:"number"`
		Title       string       `json:"title"`
		Status      string       `json:"status"`
		LiesWith    string       `json:"lies_with"`
		Assignments []Assignment `json:"assignments"`
	}
	// Assignment is one hand-off of an issue.
	Assignment struct {
		ID         string `json:"id"`
		Contractor struct {
			City    string `json:"city"`
			Company string `json:"company"`
		} `json:"contractor"`
		Status         string          `json:"status"`
		InCharge       json.RawMessage `json:"in_charge"`
		DeclinedReason string          `json:"declined_reason"`
		Revision       int             `json:"revision"`
	}
	// Comment is one entry of an issue's ledger.
	Comment struct {
		ID     string `json:"id"`
		Author struct {
			Name string `json:"name"`
			Side string `json:"side"`
		} `json:"author"`
		Visibility string     `json:"visibility"`
		Text       string     `json:"text"`
		EditedAt   *time.Time `json:"edited_at"`
		DeletedAt  *time.Time `json:"deleted_at"`
		Versions   []struct {
			Text string `json:"text"`
		} `json:"versions"`
		Files []struct {
			Name   string `json:"name"`
			Size   int64  `json:"size"`
			Digest string `json:"digest"`
		} `json:"files"`
		Source struct {
			Channel string `json:"channel"`
			Message string `json:"message"`
		} `json:"source"`
	}
	// Event is one line of an issue's history.
	Event struct {
		Seq   int64           `json:"seq"`
		Actor json.RawMessage `json:"actor"`
		Kind  string          `json:"kind"`
		Data  json.RawMessage `json:"data"`
	}
)

// Call makes a request and decodes a 2xx answer into out, which may be nil. The
// answer's body is returned for a look at errors.
func (a *API) Call(ctx context.Context, method, path string, in, out any) (status int, body string, err error) {
	var payload io.Reader
	if in != nil {
		raw, err := json.Marshal(in)
		if err != nil {
			return 0, "", fmt.Errorf("encode a request: %w", err)
		}
		payload = bytes.NewReader(raw)
	}
	req, err := http.NewRequestWithContext(ctx, method, a.base+path, payload)
	if err != nil {
		return 0, "", fmt.Errorf("make a request: %w", err)
	}
	req.Header.Set("Authorization", "Bearer "+a.token)
	if in != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, "", fmt.Errorf("call the API: %w", err)
	}
	defer func() { _ = resp.Body.Close() }()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		return resp.StatusCode, "", fmt.Errorf("read the API's answer: %w", err)
	}
	if resp.StatusCode/100 == 2 && out != nil {
		if err := json.Unmarshal(raw, out); err != nil {
			return resp.StatusCode, string(raw), fmt.Errorf("decode the API's answer: %w", err)
		}
	}
	return resp.StatusCode, string(raw), nil
}

// Do is Call for a request that must succeed.
func (a *API) Do(t testing.TB, method, path string, in, out any) {
	t.Helper()
	status, body, err := a.Call(t.Context(), method, path, in, out)
	if err != nil || status/100 != 2 {
		t.Fatalf("%s %s: status %d, error %v\n%s", method, path, status, err, body)
	}
}

func (a *API) get(ctx context.Context, path string, out any) error {
	status, body, err := a.Call(ctx, http.MethodGet, path, nil, out)
	if err == nil && status != http.StatusOK {
		err = fmt.Errorf("status %d: %s", status, body)
	}
	return err
}

// Issue reads one issue.
func (a *API) Issue(ctx context.Context, number int) (Issue, error) {
	var out Issue
	err := a.get(ctx, fmt.Sprintf("/issues/%d", number), &out)
	return out, wrapf(err, "read issue %d", number)
}

// Comments reads an issue's whole ledger.
func (a *API) Comments(ctx context.Context, number int) ([]Comment, error) {
	all, err := list[Comment](ctx, a, fmt.Sprintf("/issues/%d/comments", number))
	return all, wrapf(err, "read the comments of %d", number)
}

// Events reads an issue's whole history.
func (a *API) Events(ctx context.Context, number int) ([]Event, error) {
	all, err := list[Event](ctx, a, fmt.Sprintf("/issues/%d/events", number))
	return all, wrapf(err, "read the events of %d", number)
}

// Issues reads the whole list of issues.
func (a *API) Issues(ctx context.Context) ([]Issue, error) {
	all, err := list[Issue](ctx, a, "/issues")
	return all, wrapf(err, "read the issues")
}

// list follows a list from page to page.
func list[T any](ctx context.Context, a *API, path string) ([]T, error) {
	var all []T
	for next := ""; ; {
		var page struct {
			Items []T    `json:"items"`
			Next  string `json:"next"`
		}
		at := path
		if next != "" {
			at += "?after=" + next
		}
		if err := a.get(ctx, at, &page); err != nil {
			return nil, err
		}
		all = append(all, page.Items...)
		if page.Next == "" || len(page.Items) == 0 {
			return all, nil
		}
		next = page.Next
	}
}

func wrapf(err error, format string, args ...any) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf(format+": %w", append(args, err)...)
}
