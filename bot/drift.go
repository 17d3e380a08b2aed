package bot

import (
	"context"
	"fmt"
	"slices"

	"taskbridge/bot/chat"
	"taskbridge/bot/present"
	"taskbridge/storage"
)

// Drift is a way in which a firm's channel, as last seen, is not what the desk wants.
type Drift struct {
	// Firm names the contractor, and Company is what commands call it.
	Firm, Company string
	// What is a clause about one thing that is wrong.
	What string
}

// Command is the name of the slash command, with its slash.
func (e *Engine) Command() string { return e.present.Command }

// Drift lists what is wrong with the firms' channels, as they were last looked at.
func (e *Engine) Drift(ctx context.Context) ([]Drift, error) {
	var out []Drift
	err := e.store.View(ctx, e.desk, func(tx storage.Tx) error {
		out = nil
		firms, err := tx.ListContractors(ctx)
		if err != nil {
			return err
		}
		for _, c := range firms {
			if c.State == storage.ContractorOffboarded {
				continue
			}
			found, err := driftOf(ctx, tx, e.present.Words, c)
			if err != nil {
				return err
			}
			for _, what := range found {
				out = append(out, Drift{Firm: present.FirmName(c), Company: c.Company, What: what})
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("compare the firms' channels with their rosters: %w", err)
	}
	return out, nil
}

func driftOf(ctx context.Context, tx storage.Tx, w present.Words, c storage.Contractor) (found []string, err error) {
	chans, err := tx.ListChannels(ctx, storage.ContractorChannel, c.ID)
	if err != nil {
		return nil, err
	}
	people, err := tx.ListFirmPeople(ctx, c.ID)
	if err != nil {
		return nil, err
	}
	invs, err := tx.ListInvitations(ctx, c.ID)
	if err != nil {
		return nil, err
	}
	if len(chans) == 0 {
		found = append(found, "it has no channel")
	}
	for _, ch := range chans {
		if ch.State != "" {
			found = append(found, ch.Name+" is "+w.ChannelState(ch.State))
			continue
		}
		missing, err := missingOperators(ctx, tx, ch)
		if err != nil {
			return nil, err
		}
		if missing > 0 {
			found = append(found, fmt.Sprintf("%s lacks %d of the operators", ch.Name, missing))
		}
	}
	for _, p := range people {
		switch {
		case p.Standing == storage.Wanted && !p.Present:
			found = append(found, p.Name+" should be in its channel and is not")
		case p.Standing == storage.Struck && p.Present:
			found = append(found, p.Name+" was taken off its roster and is still in its channel")
		}
	}
	for _, i := range invs {
		if lost(i) {
			found = append(found, "the invitation of "+i.Address+" came to nothing ("+i.State+")")
		}
	}
	return found, nil
}

// missingOperators counts the desk's people who belong in a firm's channel and were not
// seen there.
func missingOperators(ctx context.Context, tx storage.Tx, ch storage.Channel) (int, error) {
	ops, err := tx.ListChannels(ctx, storage.OperationsChannel, "")
	if err != nil {
		return 0, err
	}
	there, asked, err := tx.Members(ctx, ch.Workspace, ch.ID)
	if err != nil || asked.IsZero() {
		return 0, err
	}
	missing := 0
	for _, o := range ops {
		if o.Workspace != ch.Workspace {
			continue
		}
		desk, _, err := tx.Members(ctx, o.Workspace, o.ID)
		if err != nil {
			return 0, err
		}
		for _, id := range desk {
			who, err := tx.Person(ctx, o.Workspace, id)
			if err == nil && who.Kind == string(chat.Member) && !slices.Contains(there, id) {
				missing++
			}
		}
	}
	return missing, nil
}
