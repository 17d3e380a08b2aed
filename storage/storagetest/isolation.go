package storagetest

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"testing"
	"time"

	"taskbridge/storage"
	"taskbridge/workflow"
)

// testIsolation fills the first desk and then tries every method of Tx on the
// second with the first one's ids.
func testIsolation(t *testing.T, open opener) {
	s := setup(t, open)
	person := storage.Person{Workspace: space, ID: "U1", Name: "Ada", SeenAt: noon()}
	channel := storage.Channel{Workspace: space, ID: "C1", Kind: storage.ContractorChannel, Contractor: "F1", Name: "ext"}
	contractor := storage.Contractor{ID: "F1", City: "Ulm", Company: "Rohr & Sohn", State: storage.ContractorActive}
	card := storage.Card{ID: "D1", Kind: storage.AssignmentCard, Issue: "I1", Workspace: space, Channel: "C1", Message: "1.0"}
	memory := storage.Memory{Workspace: space, Key: "E1", At: noon()}
	invitation := storage.Invitation{ID: "V1", Contractor: "F1", Workspace: space, Channel: "C1"}
	insert(t, s, issue("I1", assignment("A1", "F1", workflow.Assigned)))
	update(t, s, func(ctx context.Context, tx storage.Tx) error {
		inserted, err := tx.InsertComment(ctx, comment("K1", "I1", "1.1"))
		if !inserted {
			t.Error("the comment was not inserted")
		}
		_, _, remembered := tx.Remember(ctx, memory)
		_, parked := tx.Park(ctx, storage.Lane{Workspace: space, Name: "C9"}, "mine", noon())
		return errors.Join(err, remembered, parked,
			tx.SetAnswer(ctx, space, "E1", []byte("yes")),
			tx.AddVersion(ctx, "K1", storage.Version{Text: "old", At: noon()}),
			tx.InsertContractor(ctx, contractor), tx.PutInvitation(ctx, invitation),
			tx.PutFirmPerson(ctx, storage.FirmPerson{ID: "W1", Contractor: "F1", Workspace: space, Person: "U1"}),
			tx.PutCertificate(ctx, storage.Certificate{ID: "Z1", Contractor: "F1", Reference: "mine"}),
			tx.PutChannel(ctx, channel), tx.PutPerson(ctx, person), tx.SetMembers(ctx, space, "C1", []string{"U1"}, 0, noon()),
			tx.Append(ctx, storage.Event{Issue: "I1", Kind: "made"}), tx.PutCard(ctx, card),
			tx.PutMirror(ctx, storage.Mirror{Comment: "K1", Card: "D1", Thread: "1.0", Message: "2.1", Shown: "a"}),
			tx.NoteFile(ctx, "f1", "K1"), tx.PutCarriedFile(ctx, storage.CarriedFile{Comment: "K1", Card: "D1", File: "F1", Message: "2.2"}),
			tx.SetSetting(ctx, "a", "1"), tx.SetDigest(ctx, storage.DailyDigest, noon()),
			tx.PutHome(ctx, storage.Home{Workspace: space, Person: "U1", OpenedAt: noon()}), tx.PutWatch(ctx, storage.Watch{Person: "W/U1", Number: 1, Issue: "I1"}), tx.Enqueue(ctx, delivery("C1", "mine")),
			putLetters(ctx, tx, "mine"), tx.PutOutsider(ctx, storage.Outsider{ID: "O1", Name: "mine"}),
		)
	})
	before := everything(t, s, desk)
	mine := claimOne(t, s, noon())

	tried := map[string]bool{}
	intrude := func(method string, fn func(ctx context.Context, tx storage.Tx) error, want error) {
		t.Helper()
		tried[method] = true
		err := s.Update(t.Context(), otherDesk, func(tx storage.Tx) error { return fn(t.Context(), tx) })
		if !errors.Is(err, want) {
			t.Errorf("%s: got %v, want %v", method, err, want)
		}
	}
	intrude("Issue", func(ctx context.Context, tx storage.Tx) error { _, err := tx.Issue(ctx, "I1"); return err }, storage.ErrNotFound)
	intrude("Access", func(ctx context.Context, tx storage.Tx) error {
		_, changed, err := tx.Access(ctx, 0)
		if len(changed) > 0 {
			t.Errorf("the other desk sees changes of %v", changed)
		}
		return err
	}, nil)
	intrude("IssueByNumber", func(ctx context.Context, tx storage.Tx) error { _, err := tx.IssueByNumber(ctx, 1); return err }, storage.ErrNotFound)
	intrude("SaveIssue", func(ctx context.Context, tx storage.Tx) error {
		was := issue("I1", assignment("A1", "F1", workflow.Assigned))
		was.Number, was.Version, was.AssignmentVersions = 1, 1, map[string]int{"A1": 1}
		is := was
		is.Title = "stolen"
		return tx.SaveIssue(ctx, was, is)
	}, storage.ErrNotFound)
	intrude("Digest", func(ctx context.Context, tx storage.Tx) error {
		_, err := tx.Digest(ctx, storage.DailyDigest)
		return err
	}, storage.ErrNotFound)
	intrude("Assignment", func(ctx context.Context, tx storage.Tx) error { _, err := tx.Assignment(ctx, "A1"); return err }, storage.ErrNotFound)
	intrude("SetAnswer", func(ctx context.Context, tx storage.Tx) error { return tx.SetAnswer(ctx, space, "E1", nil) }, storage.ErrNotFound)
	intrude("Contractor", func(ctx context.Context, tx storage.Tx) error { _, err := tx.Contractor(ctx, "F1"); return err }, storage.ErrNotFound)
	intrude("SaveContractor", func(ctx context.Context, tx storage.Tx) error { return tx.SaveContractor(ctx, contractor) }, storage.ErrNotFound)
	intrude("Channel", func(ctx context.Context, tx storage.Tx) error { _, err := tx.Channel(ctx, space, "C1"); return err }, storage.ErrNotFound)
	intrude("MoveChannel", func(ctx context.Context, tx storage.Tx) error { return tx.MoveChannel(ctx, space, "C1", "C2") }, storage.ErrNotFound)
	intrude("SetSynced", func(ctx context.Context, tx storage.Tx) error { return tx.SetSynced(ctx, space, "C1", noon()) }, storage.ErrNotFound)
	intrude("Person", func(ctx context.Context, tx storage.Tx) error { _, err := tx.Person(ctx, space, "U1"); return err }, storage.ErrNotFound)
	intrude("Comment", func(ctx context.Context, tx storage.Tx) error { _, err := tx.Comment(ctx, "K1"); return err }, storage.ErrNotFound)
	intrude("CommentBySource", func(ctx context.Context, tx storage.Tx) error {
		_, err := tx.CommentBySource(ctx, space, "C1", "1.1")
		return err
	}, storage.ErrNotFound)
	intrude("NewestComment", func(ctx context.Context, tx storage.Tx) error {
		_, err := tx.NewestComment(ctx, "I1")
		return err
	}, storage.ErrNotFound)
	intrude("SharedReplies", func(ctx context.Context, tx storage.Tx) error {
		_, _, err := tx.SharedReplies(ctx, "I1")
		return err
	}, storage.ErrNotFound)
	intrude("Comment", func(ctx context.Context, tx storage.Tx) error { _, err := tx.Comment(ctx, "K1"); return err }, storage.ErrNotFound)
	intrude("SaveComment", func(ctx context.Context, tx storage.Tx) error { return tx.SaveComment(ctx, comment("K1", "I1", "1.1")) }, storage.ErrNotFound)
	intrude("AddVersion", func(ctx context.Context, tx storage.Tx) error {
		return tx.AddVersion(ctx, "K1", storage.Version{Text: "forged", At: noon()})
	}, storage.ErrNotFound)
	intrude("Card", func(ctx context.Context, tx storage.Tx) error { _, err := tx.Card(ctx, "D1"); return err }, storage.ErrNotFound)
	intrude("CardByMessage", func(ctx context.Context, tx storage.Tx) error {
		_, err := tx.CardByMessage(ctx, space, "C1", "1.0")
		return err
	}, storage.ErrNotFound)
	intrude("Discard", func(ctx context.Context, tx storage.Tx) error {
		_, err := tx.Discard(ctx, mine.ID)
		return err
	}, storage.ErrNotFound)
	intrude("Delivered", func(ctx context.Context, tx storage.Tx) error { return tx.Delivered(ctx, mine.ID, mine.Token) }, storage.ErrConflict)
	intrude("GiveUp", func(ctx context.Context, tx storage.Tx) error { return tx.GiveUp(ctx, mine.ID, mine.Token) }, storage.ErrConflict)
	intrude("Postpone", func(ctx context.Context, tx storage.Tx) error {
		return tx.Postpone(ctx, storage.PostponeParams{ID: mine.ID, Token: mine.Token})
	}, storage.ErrConflict)
	intrude("Setting", func(ctx context.Context, tx storage.Tx) error { _, err := tx.Setting(ctx, "a"); return err }, storage.ErrNotFound)

	empty := func(method string, fn func(ctx context.Context, tx storage.Tx) (any, error)) {
		t.Helper()
		intrude(method, func(ctx context.Context, tx storage.Tx) error {
			got, err := fn(ctx, tx)
			if v := reflect.ValueOf(got); v.Len() != 0 {
				t.Errorf("%s: got %v", method, got)
			}
			return err
		}, nil)
	}
	empty("ListIssues", func(ctx context.Context, tx storage.Tx) (any, error) {
		return tx.ListIssues(ctx, storage.IssueFilter{})
	})
	empty("Summarise", func(ctx context.Context, tx storage.Tx) (any, error) {
		sum, err := tx.Summarise(ctx, storage.SummaryFilter{Now: noon()})
		return sum.Issues, err
	})
	empty("Summarise", func(ctx context.Context, tx storage.Tx) (any, error) {
		// The other desk has no firm in the city, and this one has.
		sum, err := tx.Summarise(ctx, storage.SummaryFilter{City: contractor.City, Now: noon()})
		return sum.Issues, err
	})
	empty("Daily", func(ctx context.Context, tx storage.Tx) (any, error) {
		days, err := tx.Daily(ctx, storage.SummaryFilter{Since: noon(), Now: noon()})
		return slices.DeleteFunc(days, func(d storage.Day) bool { return d.Created+d.Closed == 0 }), err
	})
	empty("Shares", func(ctx context.Context, tx storage.Tx) (any, error) {
		of, err := tx.Shares(ctx, storage.SummaryFilter{})
		if len(of.Firms)+len(of.Ages) != 0 {
			t.Errorf("Shares: got firms %v, ages %v", of.Firms, of.Ages)
		}
		return append(slices.Clone(of.Topics), of.People...), err
	})
	empty("ListContractors", func(ctx context.Context, tx storage.Tx) (any, error) { return tx.ListContractors(ctx) })
	empty("ListExperience", func(ctx context.Context, tx storage.Tx) (any, error) { return tx.ListExperience(ctx) })
	empty("ListInvitations", func(ctx context.Context, tx storage.Tx) (any, error) { return tx.ListInvitations(ctx, "F1") })
	empty("Outsiders", func(ctx context.Context, tx storage.Tx) (any, error) { return tx.Outsiders(ctx, []string{"O1"}) })
	empty("ListFirmPeople", func(ctx context.Context, tx storage.Tx) (any, error) { return tx.ListFirmPeople(ctx, "F1") })
	empty("ListChannels", func(ctx context.Context, tx storage.Tx) (any, error) { return tx.ListChannels(ctx, "", "") })
	empty("Members", func(ctx context.Context, tx storage.Tx) (any, error) {
		people, _, err := tx.Members(ctx, space, "C1")
		return people, err
	})
	empty("ListComments", func(ctx context.Context, tx storage.Tx) (any, error) {
		return tx.ListComments(ctx, storage.CommentFilter{Issue: "I1"})
	})
	empty("Replies", func(ctx context.Context, tx storage.Tx) (any, error) { return tx.Replies(ctx, space, "C1", "1.0") })
	empty("ListEvents", func(ctx context.Context, tx storage.Tx) (any, error) { return tx.ListEvents(ctx, "I1", 0, 0) })
	empty("LastEvents", func(ctx context.Context, tx storage.Tx) (any, error) { return tx.LastEvents(ctx, "I1", 0, 5) })
	empty("DeskEvents", func(ctx context.Context, tx storage.Tx) (any, error) { return tx.DeskEvents(ctx, "set", 0, 0) })
	empty("ListMirrors", func(ctx context.Context, tx storage.Tx) (any, error) { return tx.ListMirrors(ctx, "", "") })
	empty("LiveThreads", func(ctx context.Context, tx storage.Tx) (any, error) { return tx.LiveThreads(ctx, space, noon()) })
	empty("ListCertificates", func(ctx context.Context, tx storage.Tx) (any, error) { return tx.ListCertificates(ctx, "F1") })
	empty("Threads", func(ctx context.Context, tx storage.Tx) (any, error) { return tx.Threads(ctx, "I1") })
	empty("ListCards", func(ctx context.Context, tx storage.Tx) (any, error) { return tx.ListCards(ctx, "I1") })

	empty("CardsOf", func(ctx context.Context, tx storage.Tx) (any, error) { return tx.CardsOf(ctx, []string{"I1"}) })
	empty("FindPeople", func(ctx context.Context, tx storage.Tx) (any, error) { return tx.FindPeople(ctx, "ada", 5) })
	empty("RecentHomes", func(ctx context.Context, tx storage.Tx) (any, error) { return tx.RecentHomes(ctx, time.Time{}, 5) })
	empty("Watches", func(ctx context.Context, tx storage.Tx) (any, error) { return tx.Watches(ctx, "W/U1") })
	empty("WatchersBehind", func(ctx context.Context, tx storage.Tx) (any, error) {
		return tx.WatchersBehind(ctx, noon().Add(time.Hour), "", 5)
	})
	intrude("Home", func(ctx context.Context, tx storage.Tx) error { _, err := tx.Home(ctx, space, "U1"); return err }, storage.ErrNotFound)
	intrude("CountIssues", func(ctx context.Context, tx storage.Tx) error {
		n, err := tx.CountIssues(ctx, storage.IssueFilter{}, 5)
		same(t, "counted", n, 0)
		return err
	}, nil)
	empty("FileComments", func(ctx context.Context, tx storage.Tx) (any, error) { return tx.FileComments(ctx, "f1") })
	empty("CarriedFiles", func(ctx context.Context, tx storage.Tx) (any, error) { return tx.CarriedFiles(ctx, "K1", "D1") })

	empty("Parked", func(ctx context.Context, tx storage.Tx) (any, error) { return tx.Parked(ctx, space, "mine") })
	empty("Gathered", func(ctx context.Context, tx storage.Tx) (any, error) { return tx.Gathered(ctx, space, "C1", "1.0") })
	empty("ShownCard", func(ctx context.Context, tx storage.Tx) (any, error) { return tx.ShownCard(ctx, space, "C1", "1.0") })
	intrude("GatheredMessage", func(ctx context.Context, tx storage.Tx) error {
		_, err := tx.GatheredMessage(ctx, space, "C1", "1.0.1")
		return err
	}, storage.ErrNotFound)
	intrude("StatusLink", func(ctx context.Context, tx storage.Tx) error { _, err := tx.StatusLink(ctx, "L1"); return err }, storage.ErrNotFound)
	intrude("IssueStatusLink", func(ctx context.Context, tx storage.Tx) error {
		_, err := tx.IssueStatusLink(ctx, "I1")
		return err
	}, storage.ErrNotFound)
	for _, method := range []string{"PutGathered", "SetShownCard", "PutStatusLink"} {
		intrude(method, func(ctx context.Context, tx storage.Tx) error { return putLetters(ctx, tx, "forged") }, nil)
	}
	intrude("RemoveGathered", func(ctx context.Context, tx storage.Tx) error { return tx.RemoveGathered(ctx, space, "C1", "1.0.1") }, nil)
	intrude("RemoveStatusLink", func(ctx context.Context, tx storage.Tx) error { return tx.RemoveStatusLink(ctx, "I1") }, nil)

	// Writes with the same ids make rows of the second desk and change none of the
	// first's.
	intrude("Remember", func(ctx context.Context, tx storage.Tx) error {
		fresh, _, err := tx.Remember(ctx, memory)
		if !fresh {
			t.Error("the other desk's key was taken for this one's")
		}
		return err
	}, nil)
	intrude("LockThread", func(ctx context.Context, tx storage.Tx) error { return tx.LockThread(ctx, space, "C1", "1.0") }, nil)
	intrude("InsertIssue", func(ctx context.Context, tx storage.Tx) error {
		n, err := tx.InsertIssue(ctx, issue("I1", assignment("A1", "F1", workflow.Declined)))
		same(t, "number", n, 1)
		return err
	}, nil)
	intrude("InsertComment", func(ctx context.Context, tx storage.Tx) error {
		inserted, err := tx.InsertComment(ctx, comment("K1", "I1", "1.1"))
		if !inserted {
			t.Error("the other desk's comment was taken for this one's")
		}
		return err
	}, nil)
	writes := map[string]func(ctx context.Context, tx storage.Tx) error{
		"InsertContractor": func(ctx context.Context, tx storage.Tx) error {
			return tx.InsertContractor(ctx, storage.Contractor{ID: "F1", City: "Bonn"})
		},
		"PutInvitation": func(ctx context.Context, tx storage.Tx) error {
			return tx.PutInvitation(ctx, storage.Invitation{ID: "V1", Contractor: "F1", State: "forged"})
		},
		"PutFirmPerson": func(ctx context.Context, tx storage.Tx) error {
			return tx.PutFirmPerson(ctx, storage.FirmPerson{ID: "W1", Contractor: "F1", Name: "forged"})
		},
		"PutOutsider": func(ctx context.Context, tx storage.Tx) error {
			return tx.PutOutsider(ctx, storage.Outsider{ID: "O1", Name: "forged"})
		},
		"PutCertificate": func(ctx context.Context, tx storage.Tx) error {
			return tx.PutCertificate(ctx, storage.Certificate{ID: "Z1", Contractor: "F1", Reference: "forged"})
		},
		"RemoveCertificate": func(ctx context.Context, tx storage.Tx) error { return tx.RemoveCertificate(ctx, "Z1") },
		"RemoveFirmPerson":  func(ctx context.Context, tx storage.Tx) error { return tx.RemoveFirmPerson(ctx, "W1") },
		"PutChannel": func(ctx context.Context, tx storage.Tx) error {
			return tx.PutChannel(ctx, storage.Channel{Workspace: space, ID: "C1", Name: "forged"})
		},
		"PutPerson": func(ctx context.Context, tx storage.Tx) error {
			return tx.PutPerson(ctx, storage.Person{Workspace: space, ID: "U1", Name: "Eve", Admin: true})
		},
		"PutHome": func(ctx context.Context, tx storage.Tx) error {
			return tx.PutHome(ctx, storage.Home{Workspace: space, Person: "U1", View: "forged", OpenedAt: noon()})
		},
		"PutWatch": func(ctx context.Context, tx storage.Tx) error {
			return tx.PutWatch(ctx, storage.Watch{Person: "W/U1", Number: 1, Issue: "I9", Told: 9})
		},
		"RemoveWatches": func(ctx context.Context, tx storage.Tx) error {
			_, err := tx.RemoveWatches(ctx, "W/U1", "")
			return err
		},
		"SetMembers": func(ctx context.Context, tx storage.Tx) error {
			return tx.SetMembers(ctx, space, "C1", []string{"U6"}, 0, noon())
		},
		"AddMember":    func(ctx context.Context, tx storage.Tx) error { return tx.AddMember(ctx, space, "C1", "U7") },
		"RemoveMember": func(ctx context.Context, tx storage.Tx) error { return tx.RemoveMember(ctx, space, "C1", "U1") },
		"Append": func(ctx context.Context, tx storage.Tx) error {
			return tx.Append(ctx, storage.Event{Issue: "I1", Kind: "forged"})
		},
		"PutCard": func(ctx context.Context, tx storage.Tx) error {
			return tx.PutCard(ctx, storage.Card{ID: "D1", Issue: "I1", Message: "9.9"})
		},
		"CloseCards": func(ctx context.Context, tx storage.Tx) error { return tx.CloseCards(ctx, space, "C1") },
		"PutMirror": func(ctx context.Context, tx storage.Tx) error {
			return tx.PutMirror(ctx, storage.Mirror{Comment: "K1", Card: "D1", Message: "9.9"})
		},
		"RemoveMirror": func(ctx context.Context, tx storage.Tx) error { return tx.RemoveMirror(ctx, "K1", "D1", 0) },
		"ForgetMirrors": func(ctx context.Context, tx storage.Tx) error {
			n, err := tx.ForgetMirrors(ctx, "D1", "1.0")
			same(t, "forgotten", n, 0)
			return err
		},
		"NoteFile": func(ctx context.Context, tx storage.Tx) error { return tx.NoteFile(ctx, "f2", "K1") },
		"PutCarriedFile": func(ctx context.Context, tx storage.Tx) error {
			return tx.PutCarriedFile(ctx, storage.CarriedFile{Comment: "K1", Card: "D1", File: "F1", Message: "forged"})
		},
		"RemoveCarriedFile": func(ctx context.Context, tx storage.Tx) error { return tx.RemoveCarriedFile(ctx, "K1", "D1", "F1") },
		"NoteGap":           func(ctx context.Context, tx storage.Tx) error { return tx.NoteGap(ctx, space, "C1") },
		"PutMark": func(ctx context.Context, tx storage.Tx) error {
			return tx.PutMark(ctx, storage.Mark{Workspace: space, Channel: "C1", Thread: "1.0", Gap: 99})
		},
		"Recount": func(ctx context.Context, tx storage.Tx) error { _, err := tx.Recount(ctx); return err },
		"SetDigest": func(ctx context.Context, tx storage.Tx) error {
			return tx.SetDigest(ctx, storage.DailyDigest, time.Time{})
		},
		"SetSetting":   func(ctx context.Context, tx storage.Tx) error { return tx.SetSetting(ctx, "a", "forged") },
		"ChangeAccess": func(ctx context.Context, tx storage.Tx) error { return tx.ChangeAccess(ctx) },
		"Enqueue": func(ctx context.Context, tx storage.Tx) error {
			d := delivery("C1", "theirs")
			d.Lane.Workspace = otherSpace
			return tx.Enqueue(ctx, d)
		},
		"Park": func(ctx context.Context, tx storage.Tx) error {
			_, err := tx.Park(ctx, storage.Lane{Workspace: space, Name: "C1"}, "forged", noon())
			return err
		},
		"Resume": func(ctx context.Context, tx storage.Tx) error {
			return tx.Resume(ctx, storage.Lane{Workspace: space, Name: "C1"})
		},
	}
	for method, fn := range writes {
		intrude(method, fn, nil)
	}
	same(t, "the first desk", everything(t, s, desk), before)
	update(t, s, func(ctx context.Context, tx storage.Tx) error { return tx.Delivered(ctx, mine.ID, mine.Token) })

	for m := range reflect.TypeFor[storage.Tx]().Methods() {
		if !tried[m.Name] {
			t.Errorf("%s was not tried on another desk", m.Name)
		}
	}
}

// everything reads what a desk has.
func everything(t *testing.T, s storage.Store, desk string) map[string]any {
	t.Helper()
	all := map[string]any{}
	must(t, s.View(t.Context(), desk, func(tx storage.Tx) error {
		ctx := t.Context()
		var errs []error
		keep := func(what string) func(v any, err error) {
			return func(v any, err error) {
				all[what] = v
				errs = append(errs, err)
			}
		}
		issues, err := tx.ListIssues(ctx, storage.IssueFilter{})
		keep("issues")(issues, err)
		contractors, err := tx.ListContractors(ctx)
		keep("contractors")(contractors, err)
		experience, err := tx.ListExperience(ctx)
		keep("experience")(experience, err)
		invitations, err := tx.ListInvitations(ctx, "F1")
		keep("invitations")(invitations, err)
		outside, err := tx.Outsiders(ctx, []string{"O1"})
		must(t, err)
		same(t, "somebody outside", outside, []storage.Outsider{{ID: "O1", Name: "mine"}})
		roster, err := tx.ListFirmPeople(ctx, "F1")
		keep("roster")(roster, err)
		certificates, err := tx.ListCertificates(ctx, "F1")
		keep("certificates")(certificates, err)
		channels, err := tx.ListChannels(ctx, "", "")
		keep("channels")(channels, err)
		members, _, err := tx.Members(ctx, space, "C1")
		keep("members")(members, err)
		person, err := tx.Person(ctx, space, "U1")
		keep("person")(person, err)
		comments, err := tx.ListComments(ctx, storage.CommentFilter{Issue: "I1"})
		keep("comments")(comments, err)
		events, err := tx.ListEvents(ctx, "I1", 0, 0)
		keep("events")(events, err)
		cards, err := tx.ListCards(ctx, "I1")
		keep("cards")(cards, err)
		mirrors, err := tx.ListMirrors(ctx, "", "")
		keep("mirrors")(mirrors, err)
		listing, err := tx.FileComments(ctx, "f1")
		keep("comments with a file")(listing, err)
		carried, err := tx.CarriedFiles(ctx, "K1", "D1")
		keep("carried files")(carried, err)
		summary, err := tx.Summarise(ctx, storage.SummaryFilter{Since: noon(), Now: noon()})
		keep("summary")(summary, err)
		digest, err := tx.Digest(ctx, storage.DailyDigest)
		keep("digest")(digest, err)
		homes, err := tx.RecentHomes(ctx, time.Time{}, 9)
		keep("homes")(homes, err)
		watches, err := tx.Watches(ctx, "W/U1")
		keep("watches")(watches, err)
		gathered, err := tx.Gathered(ctx, space, "C1", "1.0")
		keep("gathered")(gathered, err)
		shown, err := tx.ShownCard(ctx, space, "C1", "1.0")
		keep("shown card")(shown, err)
		link, err := tx.IssueStatusLink(ctx, "I1")
		keep("status link")(link, err)
		setting, err := tx.Setting(ctx, "a")
		keep("setting")(setting, err)
		return errors.Join(errs...)
	}))
	lanes, err := s.ParkedLanes(t.Context())
	must(t, err)
	for _, l := range lanes {
		if l.Desk == desk {
			all["parked"] = l
		}
	}
	return all
}
