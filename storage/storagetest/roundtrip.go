package storagetest

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"taskbridge/storage"
	"taskbridge/workflow"
)

// testRoundTrip writes every kind of record with every field filled, changes it
// where it can be changed, and reads it back.
func testRoundTrip(t *testing.T, open opener) {
	t.Run("issue", func(t *testing.T) {
		t.Parallel()
		s := setup(t, open)
		made := filled[storage.Issue](t, "AssignmentVersions", "Version")
		numbers := insert(t, s, made)
		made.Number, made.Version = numbers[0], 1
		made.AssignmentVersions = map[string]int{made.Assignments[0].ID: 1, made.Assignments[1].ID: 1}
		var got storage.Issue
		view(t, s, func(ctx context.Context, tx storage.Tx) (err error) {
			got, err = tx.Issue(ctx, made.ID)
			return err
		})
		same(t, "inserted", got, made)

		f := &filler{t: t, next: 1000}
		changed := got
		changed.Assignments = append([]workflow.Assignment(nil), got.Assignments...)
		f.fill(&changed, "ID", "Number", "Version", "AssignmentVersions", "Assignments")
		f.fill(&changed.Assignments[1], "ID")
		added := workflow.Assignment{}
		f.fill(&added)
		changed.Assignments = append(changed.Assignments, added)
		update(t, s, func(ctx context.Context, tx storage.Tx) error { return tx.SaveIssue(ctx, got, changed) })
		changed.Version = 2
		changed.AssignmentVersions = map[string]int{
			made.Assignments[0].ID: 1, made.Assignments[1].ID: 2, added.ID: 1,
		}
		view(t, s, func(ctx context.Context, tx storage.Tx) error {
			byNumber, err := tx.IssueByNumber(ctx, made.Number)
			must(t, err)
			same(t, "saved", byNumber, changed)
			list, err := tx.ListIssues(ctx, storage.IssueFilter{})
			must(t, err)
			same(t, "listed", list, []storage.Issue{changed})
			one, err := tx.Assignment(ctx, added.ID)
			must(t, err)
			same(t, "assignment", one, storage.Assignment{Assignment: added, Issue: made.ID})
			return nil
		})
	})
	t.Run("empty issue", func(t *testing.T) {
		t.Parallel()
		s := setup(t, open)
		made := storage.Issue{Issue: workflow.Issue{ID: "I1", Assignments: []workflow.Assignment{{ID: "A1"}}}}
		made.Number = insert(t, s, made)[0]
		made.Version, made.AssignmentVersions = 1, map[string]int{"A1": 1}
		view(t, s, func(ctx context.Context, tx storage.Tx) error {
			got, err := tx.Issue(ctx, "I1")
			same(t, "issue", got, made)
			return err
		})
	})
	t.Run("comment", func(t *testing.T) {
		t.Parallel()
		s := setup(t, open)
		made := filled[storage.Comment](t, "Versions")
		changed := filled[storage.Comment](t, "Versions")
		(&filler{t: t, next: 1000}).fill(&changed, "ID", "Versions")
		version := filled[storage.Version](t)
		update(t, s, func(ctx context.Context, tx storage.Tx) error {
			inserted, err := tx.InsertComment(ctx, made)
			if err == nil && !inserted {
				t.Error("the comment was not inserted")
			}
			return err
		})
		view(t, s, func(ctx context.Context, tx storage.Tx) error {
			got, err := tx.CommentBySource(ctx, made.Source.Workspace, made.Source.Channel, made.Source.Message)
			must(t, err)
			same(t, "inserted", got, made)
			got, err = tx.Comment(ctx, made.ID)
			same(t, "by id", got, made)
			return err
		})
		update(t, s, func(ctx context.Context, tx storage.Tx) error {
			must(t, tx.AddVersion(ctx, made.ID, version))
			must(t, tx.PutCard(ctx, storage.Card{
				ID: "root", Kind: storage.IssueCard, Issue: changed.Issue,
				Workspace: changed.Source.Workspace, Channel: changed.Source.Channel, Message: changed.Source.Thread,
			}))
			return tx.SaveComment(ctx, changed)
		})
		changed.Versions = []storage.Version{version}
		view(t, s, func(ctx context.Context, tx storage.Tx) error {
			list, err := tx.ListComments(ctx, storage.CommentFilter{Issue: changed.Issue, Orphans: true})
			must(t, err)
			same(t, "listed", list, []storage.Comment{changed})
			list, err = tx.Replies(ctx, changed.Source.Workspace, changed.Source.Channel, changed.Source.Thread)
			same(t, "replies", list, []storage.Comment{changed})
			return err
		})
	})
	t.Run("contractor", func(t *testing.T) {
		t.Parallel()
		s := setup(t, open)
		made := filled[storage.Contractor](t)
		changed := made
		(&filler{t: t, next: 1000}).fill(&changed, "ID")
		invited := filled[storage.Invitation](t)
		again := invited
		(&filler{t: t, next: 1000}).fill(&again, "ID")
		person := filled[storage.FirmPerson](t)
		moved := person
		(&filler{t: t, next: 1000}).fill(&moved, "ID")
		update(t, s, func(ctx context.Context, tx storage.Tx) error {
			must(t, tx.InsertContractor(ctx, made))
			got, err := tx.Contractor(ctx, made.ID)
			must(t, err)
			same(t, "inserted", got, made)
			must(t, tx.SaveContractor(ctx, changed))
			must(t, tx.PutInvitation(ctx, invited))
			list, err := tx.ListInvitations(ctx, invited.Contractor)
			must(t, err)
			same(t, "invited", list, []storage.Invitation{invited})
			must(t, tx.PutFirmPerson(ctx, person))
			people, err := tx.ListFirmPeople(ctx, person.Contractor)
			must(t, err)
			same(t, "on the roster", people, []storage.FirmPerson{person})
			must(t, tx.PutFirmPerson(ctx, moved))
			return tx.PutInvitation(ctx, again)
		})
		view(t, s, func(ctx context.Context, tx storage.Tx) error {
			list, err := tx.ListContractors(ctx)
			must(t, err)
			same(t, "saved", list, []storage.Contractor{changed})
			invitations, err := tx.ListInvitations(ctx, again.Contractor)
			must(t, err)
			same(t, "invited again", invitations, []storage.Invitation{again})
			for of, want := range map[string][]storage.FirmPerson{"": {moved}, moved.Contractor: {moved}, "another": nil} {
				people, err := tx.ListFirmPeople(ctx, of)
				must(t, err)
				same(t, "the roster of "+of, people, want)
			}
			return nil
		})
		update(t, s, func(ctx context.Context, tx storage.Tx) error {
			must(t, tx.RemoveFirmPerson(ctx, moved.ID))
			must(t, tx.RemoveFirmPerson(ctx, moved.ID))
			people, err := tx.ListFirmPeople(ctx, "")
			same(t, "the roster without", people, []storage.FirmPerson(nil))
			return err
		})
	})
	t.Run("somebody outside", func(t *testing.T) {
		t.Parallel()
		s := setup(t, open)
		one, two := filled[storage.Outsider](t), filled[storage.Outsider](t)
		two.ID = "another"
		moved := one
		(&filler{t: t, next: 1000}).fill(&moved, "ID")
		update(t, s, func(ctx context.Context, tx storage.Tx) error {
			return errors.Join(tx.PutOutsider(ctx, one), tx.PutOutsider(ctx, two), tx.PutOutsider(ctx, moved))
		})
		view(t, s, func(ctx context.Context, tx storage.Tx) error {
			for n, tt := range []struct {
				ids  []string
				want []storage.Outsider
			}{
				{nil, nil},
				{[]string{"nobody"}, nil},
				{[]string{two.ID, "nobody", moved.ID}, []storage.Outsider{two, moved}},
				{[]string{moved.ID, two.ID}, []storage.Outsider{moved, two}},
			} {
				got, err := tx.Outsiders(ctx, tt.ids)
				must(t, err)
				same(t, fmt.Sprint("people outside ", n), got, tt.want)
			}
			return nil
		})
	})
	t.Run("channel", func(t *testing.T) {
		t.Parallel()
		s := setup(t, open)
		made := filled[storage.Channel](t)
		changed := made
		(&filler{t: t, next: 1000}).fill(&changed, "Workspace", "ID")
		update(t, s, func(ctx context.Context, tx storage.Tx) error {
			must(t, tx.PutChannel(ctx, made))
			got, err := tx.Channel(ctx, made.Workspace, made.ID)
			must(t, err)
			same(t, "put", got, made)
			return tx.PutChannel(ctx, changed)
		})
		view(t, s, func(ctx context.Context, tx storage.Tx) error {
			list, err := tx.ListChannels(ctx, changed.Kind, changed.Contractor)
			same(t, "put again", list, []storage.Channel{changed})
			return err
		})
	})
	t.Run("person", func(t *testing.T) {
		t.Parallel()
		s := setup(t, open)
		made := filled[storage.Person](t)
		changed := made
		(&filler{t: t, next: 1000}).fill(&changed, "Workspace", "ID")
		update(t, s, func(ctx context.Context, tx storage.Tx) error {
			must(t, tx.PutPerson(ctx, made))
			got, err := tx.Person(ctx, made.Workspace, made.ID)
			must(t, err)
			same(t, "put", got, made)
			must(t, tx.PutPerson(ctx, changed))
			got, err = tx.Person(ctx, made.Workspace, made.ID)
			same(t, "put again", got, changed)
			return err
		})
	})
	t.Run("card", func(t *testing.T) {
		t.Parallel()
		s := setup(t, open)
		made := filled[storage.Card](t)
		changed := made
		(&filler{t: t, next: 1000}).fill(&changed, "ID")
		update(t, s, func(ctx context.Context, tx storage.Tx) error {
			must(t, tx.PutCard(ctx, made))
			got, err := tx.Card(ctx, made.ID)
			must(t, err)
			same(t, "put", got, made)
			must(t, tx.PutCard(ctx, changed))
			got, err = tx.CardByMessage(ctx, changed.Workspace, changed.Channel, changed.Message)
			must(t, err)
			same(t, "put again", got, changed)
			list, err := tx.ListCards(ctx, changed.Issue)
			same(t, "listed", list, []storage.Card{changed})
			return err
		})
	})
	t.Run("mirror", func(t *testing.T) {
		t.Parallel()
		s := setup(t, open)
		made := filled[storage.Mirror](t)
		changed := made
		(&filler{t: t, next: 1000}).fill(&changed, "Comment", "Card", "Part")
		first := storage.Mirror{Comment: made.Comment, Card: made.Card}
		elsewhere := storage.Mirror{Comment: made.Comment, Card: "D9", Message: "9.9"}
		list := func(ctx context.Context, tx storage.Tx, what, comment, card string, want ...storage.Mirror) {
			t.Helper()
			got, err := tx.ListMirrors(ctx, comment, card)
			must(t, err)
			same(t, what, got, want)
		}
		update(t, s, func(ctx context.Context, tx storage.Tx) error {
			for _, m := range []storage.Mirror{made, elsewhere, first} {
				must(t, tx.PutMirror(ctx, m))
			}
			list(ctx, tx, "put, in order", made.Comment, made.Card, first, made)
			return tx.PutMirror(ctx, changed)
		})
		update(t, s, func(ctx context.Context, tx storage.Tx) error {
			list(ctx, tx, "put again", "", made.Card, first, changed)
			must(t, tx.RemoveMirror(ctx, first.Comment, first.Card, first.Part))
			list(ctx, tx, "without the first", made.Comment, "", changed, elsewhere)
			for thread, want := range map[string]int{"another": 0, changed.Thread: 1} {
				n, err := tx.ForgetMirrors(ctx, made.Card, thread)
				must(t, err)
				same(t, "forgotten in "+thread, n, want)
			}
			list(ctx, tx, "of the other card", "", "", elsewhere)
			return nil
		})
	})
	t.Run("event", func(t *testing.T) {
		t.Parallel()
		s := setup(t, open)
		made := filled[storage.Event](t, "Seq")
		update(t, s, func(ctx context.Context, tx storage.Tx) error { return tx.Append(ctx, made) })
		view(t, s, func(ctx context.Context, tx storage.Tx) error {
			list, err := tx.ListEvents(ctx, made.Issue, 0, 0)
			must(t, err)
			if len(list) != 1 || list[0].Seq == 0 {
				t.Fatalf("got %v", list)
			}
			made.Seq = list[0].Seq
			same(t, "appended", list[0], made)
			return nil
		})
	})
	t.Run("delivery", func(t *testing.T) {
		t.Parallel()
		s := setup(t, open)
		made := filled[storage.Delivery](t, "ID", "Desk", "Token", "Attempts", "FirstTriedAt", "Ambiguous", "LastError")
		made.Lane.Workspace = space
		enqueue(t, s, made)
		now := made.NotBefore
		got := claimOne(t, s, now)
		made.ID, made.Desk, made.Token, made.Attempts, made.FirstTriedAt = got.ID, desk, 1, 1, now
		same(t, "claimed", got, made)
		if got.ID == 0 {
			t.Error("the delivery has no id")
		}
	})
	t.Run("workspace", func(t *testing.T) {
		t.Parallel()
		s := setup(t, open)
		made := filled[storage.Workspace](t)
		made.Desk = desk
		must(t, s.PutWorkspace(t.Context(), made))
		got, err := s.Workspace(t.Context(), made.ID)
		must(t, err)
		same(t, "put", got, made)
		(&filler{t: t, next: 1000}).fill(&made, "ID", "Desk")
		must(t, s.PutWorkspace(t.Context(), made))
		got, err = s.Workspace(t.Context(), made.ID)
		must(t, err)
		same(t, "put again", got, made)
	})
	t.Run("kept", func(t *testing.T) {
		t.Parallel()
		s := setup(t, open)
		made := filled[storage.Kept](t, "ID", "Count")
		must(t, s.Keep(t.Context(), made))
		list, err := s.ListKept(t.Context(), storage.ListKeptParams{})
		must(t, err)
		if len(list) != 1 || list[0].ID == 0 {
			t.Fatalf("got %v", list)
		}
		made.ID, made.Count = list[0].ID, 1
		same(t, "listed", list[0], made)
		got, err := s.Kept(t.Context(), made.ID)
		must(t, err)
		same(t, "found", got, made)
	})
	t.Run("hostile text", func(t *testing.T) {
		t.Parallel()
		s := setup(t, open)
		// What no engine may refuse and none needs to keep to the letter.
		c := comment("K1", "I1", "1.1")
		c.Text = "a\x00b\xffc'; DROP TABLE comments; -- $1 ? %s"
		update(t, s, func(ctx context.Context, tx storage.Tx) error {
			_, err := tx.InsertComment(ctx, c)
			return err
		})
		view(t, s, func(ctx context.Context, tx storage.Tx) error {
			got, err := tx.CommentBySource(ctx, space, "C1", "1.1")
			same(t, "text", got.Text, "a\uFFFDb\uFFFDc'; DROP TABLE comments; -- $1 ? %s")
			return err
		})
	})
}
