package bot

import (
	"context"
	"errors"
	"strings"

	"taskbridge/bot/present"
	"taskbridge/storage"
	"taskbridge/workflow"
)

// withoutMoney takes the amounts out of events, for readers who may not know of them.
func withoutMoney(events []storage.Event) {
	for n := range events {
		for _, key := range workflow.MoneyData() {
			delete(events[n].Data, key)
		}
	}
}

// nameFirms finds the firms that a history names although no offer was made to them.
func (t *turn) nameFirms(ctx context.Context, job present.Job, events []storage.Event) error {
	for _, e := range events {
		for id := range strings.FieldsSeq(e.Data["firms"] + " " + e.Data["contractor"]) {
			if _, known := job.Firms[id]; known {
				continue
			}
			c, err := t.firm(ctx, t.tx, id)
			if err != nil && !errors.Is(err, storage.ErrNotFound) {
				return err
			}
			job.Firms[id] = c
		}
	}
	return nil
}
