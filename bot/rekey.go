package bot

import (
	"context"
	"errors"
	"fmt"

	"taskbridge/bot/chat"
	"taskbridge/storage"
	"taskbridge/workflow"
)

// keySetting is the setting that tells which key the buttons out there are signed
// with, by its fingerprint.
const keySetting = "button_key"

// renewAtOnce is how many issues' cards are renewed in one transaction.
const renewAtOnce = 200

// renewButtons draws the cards of unfinished work anew when the secret key is another
// than before: no button that was signed with the old one works any more.
func (e *Engine) renewButtons(ctx context.Context) error {
	key := e.signer.Fingerprint()
	changed := false
	err := e.store.Update(ctx, e.desk, func(tx storage.Tx) error {
		before, err := tx.Setting(ctx, keySetting)
		if err != nil && !errors.Is(err, storage.ErrNotFound) {
			return err
		}
		changed = err == nil && before != key
		if before == key {
			return nil
		}
		return tx.SetSetting(ctx, keySetting, key)
	})
	if err != nil {
		return fmt.Errorf("compare the secret key: %w", err)
	}
	if !changed {
		return nil
	}
	e.log.WarnContext(ctx, "the secret key is another than at the last start: the cards of unfinished work are renewed, and forms that are open now have to be opened again")
	filter := storage.IssueFilter{Stages: append(workflow.OpenStages(), workflow.StageResolved), Limit: renewAtOnce}
	for {
		var list []storage.Issue
		err := e.change(ctx, e.desk, chat.Inbound{}, func(t *turn) (err error) {
			if list, err = t.tx.ListIssues(ctx, filter); err != nil {
				return err
			}
			for _, i := range list {
				if err := t.refresh(ctx, i.ID, func(storage.Card) bool { return true }); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return fmt.Errorf("renew the cards: %w", err)
		}
		if len(list) < renewAtOnce {
			return nil
		}
		filter.Before = list[len(list)-1].Number
	}
}
