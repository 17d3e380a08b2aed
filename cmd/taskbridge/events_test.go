package main

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"taskbridge/storage"
)

// fakeKeeping holds kept events, the newest first.
type fakeKeeping struct {
	storage.Keeping
	kept     []storage.Kept
	released []int64
}

func (f *fakeKeeping) ListKept(_ context.Context, p storage.ListKeptParams) ([]storage.Kept, error) {
	var page []storage.Kept
	for _, k := range f.kept {
		if (p.After == 0 || k.ID < p.After) && len(page) < p.Limit {
			page = append(page, k)
		}
	}
	return page, nil
}

func (f *fakeKeeping) Kept(_ context.Context, id int64) (storage.Kept, error) {
	for _, k := range f.kept {
		if k.ID == id {
			return k, nil
		}
	}
	return storage.Kept{}, storage.ErrNotFound
}

func (f *fakeKeeping) Release(_ context.Context, id int64) error {
	f.released = append(f.released, id)
	return nil
}

func manyKept(n int) *fakeKeeping {
	f := &fakeKeeping{}
	for id := int64(n); id > 0; id-- {
		f.kept = append(f.kept, storage.Kept{ID: id, Workspace: "fake:1", Type: "surprise", Route: "/fake", Raw: []byte("{}")})
	}
	return f
}

func TestKeptEventsAreListedInPages(t *testing.T) {
	t.Parallel()
	for _, limit := range []int{1, keptPage, keptPage + 1, 1000} {
		got, err := listKept(t.Context(), manyKept(250), limit)
		if err != nil || len(got) != min(limit, 250) {
			t.Errorf("limit %d: %d events, %v", limit, len(got), err)
		}
	}
}

func TestAListCannotUpsetTheTerminal(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	err := printKept(&out, []storage.Kept{{ID: 1, At: time.Unix(0, 0), Workspace: "slack:T1", Type: "\x1b[31mred\nline", Fault: "a\u009bb", Count: 2}})
	if err != nil || strings.ContainsAny(out.String(), "\x1b\u009b") || strings.Count(out.String(), "\n") != 2 {
		t.Errorf("%q, %v", out.String(), err)
	}
}

func TestAllAreReplayedTheOldestFirst(t *testing.T) {
	t.Parallel()
	got, err := eventsReplayCmd{All: true}.choose(t.Context(), manyKept(3))
	if err != nil {
		t.Fatal(err)
	}
	var ids []int64
	for _, k := range got {
		ids = append(ids, k.ID)
	}
	if diff := cmp.Diff([]int64{1, 2, 3}, ids); diff != "" {
		t.Error(diff)
	}
}

func TestOnlyWhatWasReplayedIsForgotten(t *testing.T) {
	t.Parallel()
	keeping := manyKept(3)
	platform := &fakeAdapter{}
	l := newLink("fake", platform, &fakeEngine{}, quiet())
	platform.replay = func(raw []byte) error {
		if string(raw) != "{}" {
			t.Errorf("replayed %q", raw)
		}
		if len(keeping.released) == 1 {
			return errors.New("still not understood")
		}
		return nil
	}
	r := replays{keeping: keeping, links: []*link{l}, connect: (&station{}).connect, connected: map[string]error{}}
	var outcomes []bool
	for _, k := range keeping.kept {
		outcomes = append(outcomes, r.replay(t.Context(), k) == nil)
	}
	if !slices.Equal(outcomes, []bool{true, false, false}) || !slices.Equal(keeping.released, []int64{3}) || platform.starts != 1 {
		t.Errorf("outcomes %v, released %v, %d starts", outcomes, keeping.released, platform.starts)
	}
}

func TestReplayNamesWhatIsMissing(t *testing.T) {
	t.Parallel()
	l := newLink("fake", &fakeAdapter{}, &fakeEngine{}, quiet())
	r := replays{keeping: manyKept(1), links: []*link{l}, connected: map[string]error{}}
	if err := r.replay(t.Context(), storage.Kept{Workspace: "other:1"}); err == nil || !strings.Contains(err.Error(), "not configured") {
		t.Errorf("a platform that is not configured: %v", err)
	}
}
