package main

import (
	"context"

	"taskbridge/bot"
)

// firms tells in what the firms' channels, as last seen, are not what the desk wants.
func (d *doctor) firms(ctx context.Context, e *bot.Engine) {
	drift, err := e.Drift(ctx)
	switch {
	case err != nil:
		d.add(broken, "firms", err.Error(), "")
	case len(drift) == 0:
		d.add(good, "firms", "their channels are as the desk wants them", "")
	}
	for _, f := range drift {
		d.add(mind, "firms", f.Firm+": "+f.What, "Say in the operations channel: "+e.Command()+" contractor sync "+f.Company)
	}
}
