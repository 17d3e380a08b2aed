package bot_test

import (
	"errors"
	"testing"
	"time"

	"taskbridge/bot/chat"
)

// TestFiguresForPrograms reads what people are shown.
func TestFiguresForPrograms(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withFirm()
	d.approved()
	expect(t, d.says("olivia", "ops", "rate 1 4"), "rated 4 of 5")
	s, err := d.engine.Summary(t.Context(), chat.SummaryQuery{Period: "week", Contractor: "acme"})
	if err != nil {
		t.Fatal(err)
	}
	if s.Created != 1 || s.Accepted != 1 || s.HandedIn != 1 || s.Completed != 1 || s.Ratings["4"] != 1 || s.Rating == nil || *s.Rating != 4 ||
		s.Assignments["complete"] != 1 || s.Before.Created != 0 || s.TimeToAccept == nil || s.TimeToAccept.Count != 1 {
		t.Errorf("the summary is %+v", s)
	}
	tomorrow := d.clock.Now().Add(24 * time.Hour)
	s, err = d.engine.Summary(t.Context(), chat.SummaryQuery{Since: tomorrow, Until: tomorrow})
	if err != nil || s.Created != 0 || s.Before.Created != 1 || s.Issues["resolved"] != 1 {
		t.Errorf("tomorrow's summary is %+v: %v", s, err)
	}
	score, err := d.engine.Score(t.Context(), "acme")
	if err != nil || score.Contractor.Company != "Acme Heating" || score.Accepted != 1 || score.TimeToAnswer == nil || score.Days != 90 {
		t.Errorf("the score is %+v: %v", score, err)
	}
	for name, read := range map[string]func() error{
		"a firm's score": func() error { _, err := d.engine.Score(t.Context(), "nobody"); return err },
		"a firm's summary": func() error {
			_, err := d.engine.Summary(t.Context(), chat.SummaryQuery{Contractor: "nobody"})
			return err
		},
		"a period": func() error { _, err := d.engine.Summary(t.Context(), chat.SummaryQuery{Period: "decade"}); return err },
	} {
		if err := read(); !errors.Is(err, chat.ErrNoSuch) {
			t.Errorf("%s that does not exist: %v", name, err)
		}
	}
	if r := d.issue(1).Assignments[0].Rating; r == nil || r.Stars != 4 || r.Shared || r.By != "Olivia" {
		t.Errorf("the rating is %+v", r)
	}
}
