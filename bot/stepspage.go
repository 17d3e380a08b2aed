package bot

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"taskbridge/bot/chat"
	"taskbridge/storage"
	"taskbridge/workflow"
)

// stepChanges is how many changes of the steps their page shows.
const stepChanges = 10

// StepsPage gives the steps of the work to an administrator, with the form by which they
// are changed.
func (e *Engine) StepsPage(ctx context.Context, v chat.Viewer) (page chat.StepsPage, err error) {
	err = e.viewAs(ctx, v, func(t *turn) error {
		answer, err := t.openSection("steps")
		if err != nil {
			return err
		}
		page = chat.StepsPage{Form: *answer.Form}
		for _, s := range t.settings.Steps {
			page.Steps = append(page.Steps, chat.StepPage{
				Name: s.Name, Label: t.present.Term(s.Name), Icon: s.Icon, Status: string(s.Maps), OwnName: s.ShowName, OwnIcon: s.ShowIcon, Standard: s.Standard,
			})
		}
		for _, s := range workflow.CustomerStatuses() {
			page.Statuses = append(page.Statuses, chat.Option{Value: string(s), Label: t.present.Term(s.Label())})
		}
		icons := workflow.StepIcons()
		for _, name := range slices.Sorted(maps.Keys(icons)) {
			page.Icons = append(page.Icons, chat.Option{Value: name, Label: icons[name]})
		}
		list, err := t.tx.DeskEvents(ctx, eventSettings, 0, settingsHistory)
		if err != nil {
			return fmt.Errorf("list changes of the settings: %w", err)
		}
		list = slices.DeleteFunc(list, func(e storage.Event) bool { return e.Data["section"] != "steps" })
		if list = list[:min(len(list), stepChanges)]; len(list) > 0 {
			page.Changes = t.present.SettingsHistory(list, nil).Text
		}
		return nil
	})
	return page, err
}
