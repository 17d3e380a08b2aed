package sqlstore

import (
	"strings"
	"testing"
	"time"

	"taskbridge/storage"
	"taskbridge/workflow"
)

// TestRatingsOfBefore: work that was rated before ratings were counted by firm counts.
func TestRatingsOfBefore(t *testing.T) {
	t.Parallel()
	s := openAlone(t)
	now := time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)
	file, err := migrationFiles.ReadFile("migrations/0036_ratings.sql")
	if err != nil {
		t.Fatal(err)
	}
	migration := strings.TrimSuffix(strings.TrimSpace(string(file)), ";")
	done := func(id string, stars int) workflow.Assignment {
		return workflow.Assignment{ID: id, Contractor: "F1", Status: workflow.Complete, Revision: 1, CreatedAt: now, Rating: workflow.Rating{Stars: stars, At: now}}
	}
	err = s.Update(t.Context(), "D", func(tx storage.Tx) error {
		for n, stars := range []int{5, 2, 0, 5} {
			id := string(rune('A' + n))
			i := storage.Issue{Issue: workflow.Issue{ID: id, Status: workflow.Resolved, CreatedAt: now, Assignments: []workflow.Assignment{done(id, stars)}}}
			if _, err := tx.InsertIssue(t.Context(), i); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	rated := func() (stars, of int) {
		t.Helper()
		err := s.View(t.Context(), "D", func(tx storage.Tx) error {
			list, err := tx.ListExperience(t.Context())
			if err == nil && len(list) != 1 {
				t.Errorf("the firms are %+v", list)
			} else if err == nil {
				stars, of = list[0].Stars, list[0].Rated
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return stars, of
	}
	for _, query := range []string{"DELETE FROM tallies WHERE contractor_id = '*rating'", migration} {
		if err := s.Update(t.Context(), "D", func(u storage.Tx) error {
			_, err := u.(*tx).exec(t.Context(), query)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		stars, of := rated()
		if want := map[bool][2]int{true: {12, 3}}[query == migration]; stars != want[0] || of != want[1] {
			t.Errorf("%d stars of %d ratings after %s", stars, of, query)
		}
	}
}
