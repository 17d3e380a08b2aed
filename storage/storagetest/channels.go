package storagetest

import (
	"context"
	"testing"
	"time"

	"taskbridge/storage"
)

func testChannels(t *testing.T, open opener) {
	put := func(t *testing.T, s storage.Store, list ...storage.Channel) {
		t.Helper()
		update(t, s, func(ctx context.Context, tx storage.Tx) error {
			for _, c := range list {
				if err := tx.PutChannel(ctx, c); err != nil {
					return err
				}
			}
			return nil
		})
	}
	firm := func(id, contractor string) storage.Channel {
		return storage.Channel{Workspace: space, ID: id, Kind: storage.ContractorChannel, Contractor: contractor, CreatedAt: noon()}
	}
	t.Run("lists are by kind and contractor", func(t *testing.T) {
		t.Parallel()
		s := setup(t, open)
		put(t, s, firm("C1", "F1"), firm("C2", "F2"), firm("C3", "F1"),
			storage.Channel{Workspace: space, ID: "C4", Kind: storage.OperationsChannel, CreatedAt: noon()})
		for _, tt := range []struct {
			kind       storage.ChannelKind
			contractor string
			want       []string
		}{
			{"", "", []string{"C1", "C2", "C3", "C4"}},
			{storage.ContractorChannel, "", []string{"C1", "C2", "C3"}},
			{"", "F1", []string{"C1", "C3"}},
			{storage.OperationsChannel, "", []string{"C4"}},
			{storage.OperationsChannel, "F1", nil},
		} {
			view(t, s, func(ctx context.Context, tx storage.Tx) error {
				list, err := tx.ListChannels(ctx, tt.kind, tt.contractor)
				var got []string
				for _, c := range list {
					got = append(got, c.ID)
				}
				same(t, string(tt.kind)+tt.contractor, got, tt.want)
				return err
			})
		}
	})
	t.Run("the cards of a channel are closed", func(t *testing.T) {
		t.Parallel()
		s := setup(t, open)
		card := func(id string, kind storage.CardKind, channel string) storage.Card {
			return storage.Card{ID: id, Kind: kind, Issue: "I1", Workspace: space, Channel: channel, Message: id}
		}
		update(t, s, func(ctx context.Context, tx storage.Tx) error {
			for _, c := range []storage.Card{
				card("D1", storage.AssignmentCard, "C1"), card("D2", storage.FormerAssignmentCard, "C1"),
				card("D3", storage.IssueCard, "C1"), card("D4", storage.AssignmentCard, "C2"),
			} {
				must(t, tx.PutCard(ctx, c))
			}
			return tx.CloseCards(ctx, space, "C1")
		})
		view(t, s, func(ctx context.Context, tx storage.Tx) error {
			list, err := tx.ListCards(ctx, "I1")
			same(t, "cards", list, []storage.Card{
				card("D1", storage.FormerAssignmentCard, "C1"), card("D2", storage.FormerAssignmentCard, "C1"),
				card("D3", storage.IssueCard, "C1"), card("D4", storage.AssignmentCard, "C2"),
			})
			return err
		})
	})
	t.Run("the synced mark never moves back", func(t *testing.T) {
		t.Parallel()
		s := setup(t, open)
		put(t, s, firm("C1", "F1"))
		for _, minutes := range []int{5, 3, 7, 0} {
			update(t, s, func(ctx context.Context, tx storage.Tx) error {
				return tx.SetSynced(ctx, space, "C1", noon().Add(time.Duration(minutes)*time.Minute))
			})
		}
		view(t, s, func(ctx context.Context, tx storage.Tx) error {
			c, err := tx.Channel(ctx, space, "C1")
			same(t, "mark", c.SyncedAt, noon().Add(7*time.Minute))
			return err
		})
		err := s.Update(t.Context(), desk, func(tx storage.Tx) error {
			return tx.SetSynced(t.Context(), space, "C9", noon())
		})
		wantError(t, err, storage.ErrNotFound)
	})
	t.Run("the roster", func(t *testing.T) {
		t.Parallel()
		s := setup(t, open)
		update(t, s, func(ctx context.Context, tx storage.Tx) error {
			must(t, tx.SetMembers(ctx, space, "C1", []string{"U1", "U2", "U2"}, 0, noon()))
			must(t, tx.SetMembers(ctx, space, "C2", []string{"U9"}, 0, noon()))
			must(t, tx.SetMembers(ctx, space, "C1", []string{"U3", "U2"}, 0, noon()))
			must(t, tx.AddMember(ctx, space, "C1", "U4"))
			must(t, tx.AddMember(ctx, space, "C1", "U4"))
			must(t, tx.RemoveMember(ctx, space, "C1", "U3"))
			must(t, tx.RemoveMember(ctx, space, "C1", "U3"))
			got, asked, err := tx.Members(ctx, space, "C1")
			same(t, "members", got, []string{"U2", "U4"})
			same(t, "asked", asked, noon())
			_, asked, err2 := tx.Members(ctx, space, "C8")
			must(t, err2)
			same(t, "never asked", asked, time.Time{})
			return err
		})
	})
	for _, known := range []bool{false, true} {
		t.Run(map[bool]string{false: "a channel moves", true: "a channel moves to one that is there"}[known], func(t *testing.T) {
			t.Parallel()
			testMove(t, setup(t, open), known)
		})
	}
	t.Run("a channel that is not there does not move", func(t *testing.T) {
		t.Parallel()
		s := setup(t, open)
		err := s.Update(t.Context(), desk, func(tx storage.Tx) error {
			return tx.MoveChannel(t.Context(), space, "C8", "C9")
		})
		wantError(t, err, storage.ErrNotFound)
	})
}

// testMove moves a channel with everything that names it; known is whether the new
// id was heard of before.
func testMove(t *testing.T, s storage.Store, known bool) {
	made := storage.Channel{
		Workspace: space, ID: "C1", Kind: storage.ContractorChannel, Contractor: "F1", Name: "ext", CreatedAt: noon(),
	}
	card := storage.Card{ID: "D1", Kind: storage.IssueCard, Issue: "I1", Workspace: space, Channel: "C1", Message: "1.0"}
	kept := comment("K1", "I1", "1.1")
	update(t, s, func(ctx context.Context, tx storage.Tx) error {
		must(t, tx.PutChannel(ctx, made))
		must(t, tx.PutCard(ctx, card))
		_, err := tx.InsertComment(ctx, kept)
		must(t, err)
		must(t, tx.SetMembers(ctx, space, "C1", []string{"U1", "U2"}, 0, noon()))
		return tx.Enqueue(ctx, delivery("C1", "first"))
	})
	if known {
		update(t, s, func(ctx context.Context, tx storage.Tx) error {
			must(t, tx.PutChannel(ctx, storage.Channel{Workspace: space, ID: "C2", Name: "new"}))
			must(t, tx.SetMembers(ctx, space, "C2", []string{"U2", "U3"}, 0, noon()))
			return tx.Enqueue(ctx, delivery("C2", "second"))
		})
	}
	update(t, s, func(ctx context.Context, tx storage.Tx) error {
		must(t, tx.Enqueue(ctx, delivery("C1", "third")))
		return tx.MoveChannel(ctx, space, "C1", "C2")
	})
	want := made
	want.ID = "C2"
	members, deliveries := []string{"U1", "U2"}, []string{"first", "third"}
	if known {
		members, deliveries = []string{"U1", "U2", "U3"}, []string{"first", "second", "third"}
	}
	view(t, s, func(ctx context.Context, tx storage.Tx) error {
		_, err := tx.Channel(ctx, space, "C1")
		wantError(t, err, storage.ErrNotFound)
		got, err := tx.Channel(ctx, space, "C2")
		must(t, err)
		same(t, "channel", got, want)
		moved, err := tx.CardByMessage(ctx, space, "C2", "1.0")
		must(t, err)
		same(t, "card", moved.ID, "D1")
		c, err := tx.CommentBySource(ctx, space, "C2", "1.1")
		must(t, err)
		same(t, "comment", c.ID, "K1")
		people, _, err := tx.Members(ctx, space, "C2")
		must(t, err)
		same(t, "members", people, members)
		people, _, err = tx.Members(ctx, space, "C1")
		same(t, "members left", people, []string(nil))
		return err
	})
	for _, kind := range deliveries {
		d := claimOne(t, s, noon())
		same(t, "lane", d.Lane.Name, "C2")
		same(t, "kind", d.Kind, kind)
		update(t, s, func(ctx context.Context, tx storage.Tx) error { return tx.Delivered(ctx, d.ID, d.Token) })
	}
	same(t, "left", claim(t, s, noon(), 10), []storage.Delivery(nil))
}
