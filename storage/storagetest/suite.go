package storagetest

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"taskbridge/storage"
	"taskbridge/workflow"
)

// Run runs the suite. open makes a new, empty store and closes it at the end of
// the test.
func Run(t *testing.T, open func(t *testing.T) storage.Store) {
	t.Helper()
	topics := []struct {
		name string
		run  func(*testing.T, opener)
	}{
		{"Installations", testInstallations},
		{"Transactions", testTransactions},
		{"RoundTrip", testRoundTrip},
		{"Isolation", testIsolation},
		{"Parallel", testParallel},
		{"Inbox", testInbox},
		{"Issues", testIssues},
		{"Lists", testLists},
		{"ListsFollow", testListsFollow},
		{"Narrowing", testNarrowing},
		{"FindPeople", testFindPeople},
		{"Homes", testHomes},
		{"Watches", testWatches},
		{"Summary", testSummary},
		{"Figures", testFigures},
		{"Experience", testExperience},
		{"Ledger", testLedger},
		{"Files", testFiles},
		{"Gathering", testGathering},
		{"StatusLinks", testStatusLinks},
		{"Channels", testChannels},
		{"Access", testAccess},
		{"Leases", testLeases},
		{"Replay", testReplay},
		{"Outbox", testOutbox},
		{"Lanes", testLanes},
		{"Due", testDue},
		{"Certificates", testCertificates},
		{"Keeping", testKeeping},
		{"Talk", testTalk},
		{"TalkDoor", testTalkDoor},
		{"TalkRetired", testTalkRetired},
	}
	for _, topic := range topics {
		t.Run(topic.name, func(t *testing.T) {
			t.Parallel()
			topic.run(t, open)
		})
	}
}

type opener func(t *testing.T) storage.Store

// The desks and workspaces that setup makes.
const (
	desk       = "desk-1"
	otherDesk  = "desk-2"
	space      = "slack:T1"
	otherSpace = "mattermost:M2"
)

// noon is the time that tests begin at.
func noon() time.Time { return time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC) }

// setup opens a store with two desks that have a workspace each.
func setup(t *testing.T, open opener) storage.Store {
	t.Helper()
	s := open(t)
	for d, w := range map[string]string{desk: space, otherDesk: otherSpace} {
		must(t, s.EnsureDesk(t.Context(), storage.Desk{ID: d, Name: d, CreatedAt: noon()}))
		must(t, s.PutWorkspace(t.Context(), storage.Workspace{ID: w, Desk: d, Platform: "slack", Name: "Space", Bot: "U0"}))
	}
	return s
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func wantError(t *testing.T, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("got error %v, want %v", err, want)
	}
}

// same compares values; times by their instant, and nil like empty.
func same(t *testing.T, what string, got, want any) {
	t.Helper()
	if d := diff(want, got); d != "" {
		t.Errorf("%s (-want +got):\n%s", what, d)
	}
}

func diff(want, got any) string { return cmp.Diff(want, got, cmpopts.EquateEmpty()) }

// update runs fn in the first desk and fails the test on an error.
func update(t *testing.T, s storage.Store, fn func(ctx context.Context, tx storage.Tx) error) {
	t.Helper()
	ctx := t.Context()
	must(t, s.Update(ctx, desk, func(tx storage.Tx) error { return fn(ctx, tx) }))
}

// view runs fn on the first desk and fails the test on an error.
func view(t *testing.T, s storage.Store, fn func(ctx context.Context, tx storage.Tx) error) {
	t.Helper()
	ctx := t.Context()
	must(t, s.View(ctx, desk, func(tx storage.Tx) error { return fn(ctx, tx) }))
}

// issue makes an issue that says little.
func issue(id string, assignments ...workflow.Assignment) storage.Issue {
	return storage.Issue{
		Issue: workflow.Issue{
			ID: id, Status: workflow.Reported, LiesWith: workflow.WithOperator, Revision: 1,
			CreatedAt: noon(), Assignments: assignments,
		},
		Title: "Leaking tap", Priority: "normal",
		CreatedBy: workflow.Person{ID: space + "/U1", Name: "Ada"},
	}
}

func assignment(id, contractor string, status workflow.Status) workflow.Assignment {
	return workflow.Assignment{ID: id, Contractor: contractor, Status: status, Revision: 1, CreatedAt: noon()}
}

// insert adds issues to the first desk and returns their numbers.
func insert(t *testing.T, s storage.Store, issues ...storage.Issue) []int {
	t.Helper()
	var numbers []int
	update(t, s, func(ctx context.Context, tx storage.Tx) error {
		numbers = nil
		for _, i := range issues {
			n, err := tx.InsertIssue(ctx, i)
			if err != nil {
				return err
			}
			numbers = append(numbers, n)
		}
		return nil
	})
	return numbers
}

// comment makes a comment of a message.
func comment(id, issue, message string) storage.Comment {
	return storage.Comment{
		ID: id, Issue: issue, Visibility: workflow.Shared, Text: "On my way.", CreatedAt: noon(),
		Author: storage.Author{ID: space + "/U1", Name: "Ada", Side: "contractor"},
		Source: storage.Source{Platform: "slack", Workspace: space, Channel: "C1", Thread: "1.0", Message: message},
	}
}

// delivery makes a delivery to a lane of the first workspace.
func delivery(lane, kind string) storage.Delivery {
	return storage.Delivery{
		Lane: storage.Lane{Workspace: space, Name: lane}, Kind: kind,
		Payload: []byte(`{"text":"hello"}`), CreatedAt: noon(),
	}
}

// enqueue adds deliveries in one transaction.
func enqueue(t *testing.T, s storage.Store, list ...storage.Delivery) {
	t.Helper()
	update(t, s, func(ctx context.Context, tx storage.Tx) error {
		for _, d := range list {
			if err := tx.Enqueue(ctx, d); err != nil {
				return err
			}
		}
		return nil
	})
}

// claim claims of the first workspace with a lease of a minute.
func claim(t *testing.T, s storage.Store, now time.Time, limit int) []storage.Delivery {
	t.Helper()
	return claimOf(t, s, space, now, limit)
}

func claimOf(t *testing.T, s storage.Store, workspace string, now time.Time, limit int) []storage.Delivery {
	t.Helper()
	list, err := s.Claim(t.Context(), storage.ClaimParams{
		Now: now, Until: now.Add(time.Minute), Workspace: workspace, Limit: limit,
	})
	must(t, err)
	return list
}

// claimOne claims what must be one delivery.
func claimOne(t *testing.T, s storage.Store, now time.Time) storage.Delivery {
	t.Helper()
	list := claim(t, s, now, 10)
	if len(list) != 1 {
		t.Fatalf("claimed %d deliveries, want 1: %v", len(list), list)
	}
	return list[0]
}

// kinds are the kinds of deliveries, to compare what came.
func kinds(list []storage.Delivery) []string {
	var k []string
	for _, d := range list {
		k = append(k, d.Kind)
	}
	return k
}

func name(prefix string, n int) string { return fmt.Sprintf("%s-%04d", prefix, n) }
