package storagetest

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"taskbridge/storage"
	"taskbridge/workflow"
)

// testFigures compares what was counted while issues were written with what is counted
// anew from their history, and with the history itself.
func testFigures(t *testing.T, open opener) {
	t.Run("random histories", func(t *testing.T) {
		t.Parallel()
		s := setup(t, open)
		run := 0
		rapid.Check(t, func(r *rapid.T) {
			run++
			tell(r, s, fmt.Sprintf("%s-%d", desk, run))
		})
	})
	t.Run("days begin at the desk's midnight", func(t *testing.T) {
		t.Parallel()
		s := setup(t, open)
		s.SetZone(time.FixedZone("east", 10*60*60))
		late := issue("I1")
		late.CreatedAt = time.Date(2026, 3, 14, 13, 59, 0, 0, time.UTC)
		next := issue("I2")
		next.CreatedAt = late.CreatedAt.Add(time.Minute)
		insert(t, s, late, next)
		view(t, s, func(ctx context.Context, tx storage.Tx) error {
			got, err := tx.Daily(ctx, storage.SummaryFilter{Since: late.CreatedAt, Until: next.CreatedAt})
			same(t, "days", got, []storage.Day{
				{Date: time.Date(2026, 3, 14, 0, 0, 0, 0, time.UTC), Created: 1},
				{Date: time.Date(2026, 3, 15, 0, 0, 0, 0, time.UTC), Created: 1},
			})
			return err
		})
	})
	t.Run("a long period is the sum of its days", func(t *testing.T) {
		t.Parallel()
		s := setup(t, open)
		var all []storage.Issue
		for n := range 80 {
			i := issue(name("I", n))
			i.CreatedAt = noon().AddDate(0, 0, n)
			all = append(all, i)
		}
		insert(t, s, all...)
		view(t, s, func(ctx context.Context, tx storage.Tx) error {
			for days := 1; days <= 40; days++ {
				until := noon().AddDate(0, 0, 79)
				got, err := tx.Summarise(ctx, storage.SummaryFilter{Since: until.AddDate(0, 0, 1-days), Now: until})
				if err != nil {
					return err
				}
				same(t, fmt.Sprintf("created in %d days, and in as many before", days), []int{got.Created, got.Before.Created}, []int{days, days})
			}
			return nil
		})
	})
	t.Run("shares", func(t *testing.T) { t.Parallel(); testShares(t, open) })
	t.Run("a firm that moves takes its figures to the other city", func(t *testing.T) { t.Parallel(); testMoves(t, open) })
	t.Run("digests", func(t *testing.T) { t.Parallel(); testDigests(t, open) })
}

func testDigests(t *testing.T, open opener) {
	s := setup(t, open)
	update(t, s, func(ctx context.Context, tx storage.Tx) error {
		_, err := tx.Digest(ctx, storage.DailyDigest)
		wantError(t, err, storage.ErrNotFound)
		return tx.SetDigest(ctx, storage.DailyDigest, noon())
	})
	due := func(now time.Time) []storage.Due {
		list, err := s.Due(t.Context(), now, 10)
		must(t, err)
		return list
	}
	var none []storage.Due
	same(t, "due too early", due(noon().Add(-time.Second)), none)
	same(t, "due", due(noon()), []storage.Due{{Desk: desk, Kind: workflow.SendDigest, Subject: string(storage.DailyDigest), At: noon()}})
	update(t, s, func(ctx context.Context, tx storage.Tx) error {
		next, err := tx.Digest(ctx, storage.DailyDigest)
		same(t, "next", next, noon())
		if err != nil {
			return err
		}
		return tx.SetDigest(ctx, storage.DailyDigest, time.Time{})
	})
	same(t, "due after it was switched off", due(noon().Add(time.Hour)), none)
}

// tell lets a few issues of a desk live random lives through the store.
func tell(r *rapid.T, s storage.Store, of string) {
	ctx := r.Context()
	do := func(fn func(tx storage.Tx) error) {
		r.Helper()
		if err := s.Update(ctx, of, fn); err != nil {
			r.Fatal(err)
		}
	}
	if err := s.EnsureDesk(ctx, storage.Desk{ID: of, Name: of, CreatedAt: noon()}); err != nil {
		r.Fatal(err)
	}
	now := noon()
	ids := []string{"I1", "I2", "I3"}
	do(func(tx storage.Tx) error {
		for _, f := range tellers() {
			if err := tx.InsertContractor(ctx, f); err != nil {
				return err
			}
		}
		for _, id := range ids {
			i := issue(id)
			i.DueAt = now.Add(20 * time.Hour)
			if _, err := tx.InsertIssue(ctx, i); err != nil {
				return err
			}
		}
		return nil
	})
	for n := range rapid.IntRange(1, 40).Draw(r, "length") {
		now = now.Add(time.Duration(rapid.IntRange(0, 20_000).Draw(r, "seconds")) * time.Second)
		if rapid.IntRange(0, 9).Draw(r, "moves") == 0 {
			firm := rapid.SampledFrom(tellers()).Draw(r, "which")
			firm.City = rapid.SampledFrom(tellerCities()).Draw(r, "to")
			do(func(tx storage.Tx) error { return tx.SaveContractor(ctx, firm) })
		}
		id := rapid.SampledFrom(ids).Draw(r, "issue")
		do(func(tx storage.Tx) error {
			was, err := tx.Issue(ctx, id)
			if err != nil {
				return err
			}
			d, actor, ok := someMove(r, was.Issue, now, n)
			if !ok {
				return nil
			}
			is := was
			is.Issue = d.Issue
			if err := tx.SaveIssue(ctx, was, is); err != nil {
				return err
			}
			for _, e := range d.Events {
				err := tx.Append(ctx, storage.Event{
					Issue: id, Assignment: e.Assignment, At: now, Kind: e.Kind, Data: e.Data,
					Actor: workflow.Person{ID: actor.ID, Name: actor.Name},
				})
				if err != nil {
					return err
				}
			}
			return nil
		})
	}
	compare(r, s, of, now)
}

// someMove is a random decision that is not refused, if one is found soon.
func someMove(r *rapid.T, i workflow.Issue, now time.Time, n int) (d workflow.Decision, actor workflow.Actor, ok bool) {
	firms := []string{"F1", "F2"}
	for range 12 {
		verbs := slices.DeleteFunc(workflow.Verbs(), func(v workflow.Verb) bool { return v == workflow.Delete })
		cmd := workflow.Command{
			Verb: rapid.SampledFrom(verbs).Draw(r, "verb"), At: now,
			NewID: fmt.Sprintf("%s-A%d", i.ID, n), Contractor: rapid.SampledFrom(firms).Draw(r, "firm"),
			Reason: "skills", Step: "Travel", Stars: rapid.IntRange(1, 5).Draw(r, "stars"),
			To: workflow.Person{ID: "U9", Name: "Kim"}, When: now.Add(time.Hour), People: []string{"U8"},
			Terms: workflow.Terms{AcceptBy: now.Add(3 * time.Hour)}, Text: "More",
		}
		actor = rapid.SampledFrom([]workflow.Actor{
			{Role: workflow.Operator, ID: "U1", Name: "Ada"},
			{Role: workflow.Contractor, ID: "U2", Name: "Bo", Contractor: "F1"},
			{Role: workflow.Contractor, ID: "U3", Name: "Cy", Contractor: "F2"},
			{Role: workflow.System, ID: "clock"},
		}).Draw(r, "actor")
		if actor.Role == workflow.Contractor {
			cmd.Contractor = ""
		}
		d, err := workflow.Decide(i, actor, cmd)
		if err == nil && len(d.Events) > 0 {
			return d, actor, true
		}
	}
	return workflow.Decision{}, actor, false
}

// tellers are the firms of random histories. Two are in one city.
func tellers() []storage.Contractor {
	return []storage.Contractor{
		{ID: "F1", City: "Leeds", Company: "Acme", State: storage.ContractorActive, CreatedAt: noon()},
		{ID: "F2", City: "leeds ", Company: "Bolt", State: storage.ContractorActive, CreatedAt: noon()},
	}
}

// tellerCities are where they are, or may move to.
func tellerCities() []string { return []string{"Leeds", "York"} }

// tellerFilters choose what is compared.
func tellerFilters() []storage.SummaryFilter {
	all := []storage.SummaryFilter{{}}
	for _, f := range tellers() {
		all = append(all, storage.SummaryFilter{Contractor: f.ID})
	}
	for _, city := range tellerCities() {
		all = append(all, storage.SummaryFilter{City: city})
	}
	return all
}

// compare looks at the desk, each firm and each city, in all of time and in a week of it.
func compare(r *rapid.T, s storage.Store, of string, now time.Time) {
	ctx := r.Context()
	read := func(tx storage.Tx) ([]storage.Summary, error) {
		var all []storage.Summary
		for _, f := range tellerFilters() {
			for _, since := range []time.Time{noon(), now, noon().AddDate(0, 0, -20)} {
				f.Since, f.Now = since, now
				sum, err := tx.Summarise(ctx, f)
				if err != nil {
					return nil, err
				}
				all = append(all, sum)
			}
		}
		return all, nil
	}
	var counted, recounted []storage.Summary
	var shared, reshared []storage.Shares
	shares := func(tx storage.Tx) (all []storage.Shares, err error) {
		for _, f := range tellerFilters() {
			s, err := tx.Shares(ctx, f)
			if err != nil {
				return nil, err
			}
			all = append(all, s)
		}
		return all, nil
	}
	var history []storage.Event
	err := s.Update(ctx, of, func(tx storage.Tx) (err error) {
		if counted, err = read(tx); err != nil {
			return err
		}
		if shared, err = shares(tx); err != nil {
			return err
		}
		history = nil
		for _, id := range []string{"I1", "I2", "I3"} {
			events, err := tx.ListEvents(ctx, id, 0, 0)
			if err != nil {
				return err
			}
			history = append(history, events...)
		}
		if _, err = tx.Recount(ctx); err != nil {
			return err
		}
		if recounted, err = read(tx); err != nil {
			return err
		}
		reshared, err = shares(tx)
		return err
	})
	if err != nil {
		r.Fatal(err)
	}
	if d := diff(recounted, counted); d != "" {
		r.Fatalf("what was counted (+) is not what the history says (-):\n%s", d)
	}
	if d := diff(reshared, shared); d != "" {
		r.Fatalf("how work was counted to be spread (+) is not how it is (-):\n%s", d)
	}
	if d := diff(happened(counted[3:9]), happened(counted[9:])); d != "" {
		r.Fatalf("what the firms did (-) and what was counted of their cities (+):\n%s", d)
	}
	kinds := map[string]int{}
	for _, e := range history {
		kinds[e.Kind]++
	}
	all := counted[0].Flows
	got := map[string]int{
		workflow.EventAccepted: all.Accepted(), workflow.EventDeclined: all.Declined(), workflow.EventExpired: all.Expired(),
		workflow.EventSubmitted: all.Submitted, workflow.EventSentBack: all.SentBack,
		workflow.EventApprovalAsked: all.Asked, workflow.EventApprovalGiven: all.Granted,
		"completed": all.Completed(), "offered": all.Offered,
	}
	want := map[string]int{
		workflow.EventAccepted: kinds[workflow.EventAccepted], workflow.EventDeclined: kinds[workflow.EventDeclined],
		workflow.EventExpired: kinds[workflow.EventExpired], workflow.EventSubmitted: kinds[workflow.EventSubmitted],
		workflow.EventSentBack: kinds[workflow.EventSentBack], workflow.EventApprovalAsked: kinds[workflow.EventApprovalAsked],
		workflow.EventApprovalGiven: kinds[workflow.EventApprovalGiven],
		"completed":                 kinds[workflow.EventApproved] + kinds[workflow.EventCompletedEarly] + kinds[workflow.EventCompletedByClose],
		"offered":                   kinds[workflow.EventOffered] + kinds[workflow.EventAmended],
	}
	if d := diff(want, got); d != "" {
		r.Fatalf("events (-) and what was counted (+):\n%s", d)
	}
}
