package bot

import (
	"context"
	"errors"
	"fmt"
	"time"

	"taskbridge/storage"
)

// countedIn is the setting that says in which zone the desk's days were counted.
const countedIn = "figures_counted_in"

// countedAs is what countedIn says of a zone. The number goes up with what is counted, so
// that older data is counted anew by a version that counts more.
func countedAs(zone *time.Location) string { return zone.String() + " 2" }

// recountFor bounds counting anew: about a minute for a hundred thousand jobs.
const recountFor = time.Hour

// countDays tells the store where the desk's days begin, and has everything counted anew
// that was not counted yet, or by another zone's days.
func (e *Engine) countDays(ctx context.Context, zone *time.Location) error {
	e.store.SetZone(zone)
	err := e.store.View(ctx, e.desk, func(tx storage.Tx) error {
		counted, err := tx.Setting(ctx, countedIn)
		if err == nil && counted != countedAs(zone) {
			return storage.ErrNotFound
		}
		return err
	})
	if errors.Is(err, storage.ErrNotFound) {
		_, err = e.Recount(ctx)
	}
	if err != nil {
		return fmt.Errorf("look for what was counted: %w", err)
	}
	return nil
}

// Recount counts the desk's figures anew from the jobs and their history, and tells how
// many jobs there are. Nothing else is decided meanwhile.
func (e *Engine) Recount(ctx context.Context) (jobs int, err error) {
	ctx, cancel := context.WithTimeout(ctx, recountFor)
	defer cancel()
	began := time.Now()
	err = e.store.Update(ctx, e.desk, func(tx storage.Tx) error {
		if jobs, err = tx.Recount(ctx); err != nil {
			return err
		}
		return tx.SetSetting(ctx, countedIn, countedAs(e.rules.known().Calendar.Location(e.zone)))
	})
	if err != nil {
		return 0, fmt.Errorf("count anew: %w", err)
	}
	if jobs > 0 {
		e.log.InfoContext(ctx, "figures: counted anew", "jobs", jobs, "took", time.Since(began))
	}
	return jobs, nil
}
