package storagetest

import (
	"context"
	"testing"
	"time"

	"taskbridge/storage"
	"taskbridge/workflow"
)

// testShares lets work begin, change hands, change its topic and end.
func testShares(t *testing.T, open opener) {
	s := setup(t, open)
	update(t, s, func(ctx context.Context, tx storage.Tx) error {
		return tx.InsertContractor(ctx, storage.Contractor{ID: "F1", City: "Leeds", Company: "Acme", State: storage.ContractorActive, CreatedAt: noon()})
	})
	desk, firm, leeds := storage.SummaryFilter{}, storage.SummaryFilter{Contractor: "F1"}, storage.SummaryFilter{City: " LEEDS"}
	first, second := issue("I1"), issue("I2")
	first.Topic, second.Topic = " Boiler ", ""
	second.CreatedAt = first.CreatedAt.AddDate(0, 0, 3)
	insert(t, s, first, second)
	midnight := func(at time.Time) time.Time { return at.UTC().Truncate(24 * time.Hour) }
	ages := []storage.Age{{Date: midnight(first.CreatedAt), N: 1}, {Date: midnight(second.CreatedAt), N: 1}}
	want := func(what string, is storage.Shares, of storage.SummaryFilter) {
		t.Helper()
		view(t, s, func(ctx context.Context, tx storage.Tx) error {
			got, err := tx.Shares(ctx, of)
			same(t, what, got, is)
			return err
		})
	}
	change := func(id string, by func(i *storage.Issue)) {
		t.Helper()
		update(t, s, func(ctx context.Context, tx storage.Tx) error {
			was, err := tx.Issue(ctx, id)
			if err != nil {
				return err
			}
			is := was
			is.Assignments = append([]workflow.Assignment(nil), was.Assignments...)
			by(&is)
			return tx.SaveIssue(ctx, was, is)
		})
	}
	none := storage.Share{By: map[string]int{"new": 1}}
	want("at first", storage.Shares{Topics: []storage.Share{none, {Of: "boiler", By: map[string]int{"new": 1}}}, Ages: ages}, desk)
	want("of a firm without work", storage.Shares{}, firm)
	want("of a city without work", storage.Shares{}, leeds)
	change("I1", func(i *storage.Issue) {
		i.Status = workflow.Allocated
		i.Assignments = []workflow.Assignment{{
			ID: "A1", Contractor: "F1", Status: workflow.Accepted, InCharge: workflow.Person{ID: "slack:T1/U2", Name: "Bo"}, CreatedAt: noon(),
		}}
	})
	atWork := storage.FirmShare{Contractor: "F1", Accepted: 1}
	want("at work", storage.Shares{
		Firms: []storage.FirmShare{atWork}, Topics: []storage.Share{none, {Of: "boiler", By: map[string]int{"progress": 1}}},
		People: []storage.Share{{Of: "slack:T1/U2", By: map[string]int{"accepted": 1}}}, Ages: ages,
	}, desk)
	want("of the firm", storage.Shares{Firms: []storage.FirmShare{atWork}, Ages: ages[:1]}, firm)
	want("of its city", storage.Shares{Firms: []storage.FirmShare{atWork}, Ages: ages[:1]}, leeds)
	want("of another city", storage.Shares{}, storage.SummaryFilter{City: "York"})
	change("I1", func(i *storage.Issue) {
		i.Topic = "Gas"
		i.Assignments[0].Status, i.Assignments[0].InCharge = workflow.WaitingApproval, workflow.Person{ID: "slack:T1/U3", Name: "Cy"}
	})
	want("handed over and in", storage.Shares{
		Firms:  []storage.FirmShare{{Contractor: "F1", WaitingApproval: 1}},
		Topics: []storage.Share{none, {Of: "gas", By: map[string]int{"approval": 1}}},
		People: []storage.Share{{Of: "slack:T1/U3", By: map[string]int{"waiting_approval": 1}}}, Ages: ages,
	}, desk)
	change("I1", func(i *storage.Issue) {
		i.Status, i.Assignments[0].Status = workflow.Resolved, workflow.Complete
	})
	want("done", storage.Shares{Topics: []storage.Share{none}, Ages: ages[1:]}, desk)
	want("done in the city", storage.Shares{}, leeds)
}
