package bot

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"taskbridge/storage"
)

// laneChannel is the channel that a lane leads to: its own, or the one that it is beside.
// It is empty where a lane leads to one person, to a firm as a whole or out of all chat,
// and for the lanes of files, which their cards lead on.
func laneChannel(l storage.Lane) string {
	if l.Workspace == webhookWorkspace || strings.HasPrefix(l.Workspace, transferPrefix) {
		return ""
	}
	kind, rest, beside := strings.Cut(l.Name, "/")
	switch kind + "/" {
	case threadPrefix:
		_, rest, _ = strings.Cut(rest, "/")
		return rest
	case boardLane, linkLane, syncPrefix:
		return rest
	case personLane, directLane, homeLane, firmLane, leavingLane:
		return ""
	}
	if !beside && l.Name == homesLane {
		return ""
	}
	return l.Name
}

// destination is the channel that a delivery leads to, with an empty id where it leads to
// none.
func destination(d storage.Delivery) channelKey {
	return channelKey{platformWorkspace(d.Lane), laneChannel(d.Lane)}
}

// cameToNothing tells whether a delivery is of no use any more for what has become of its
// channel: it was closed for good with its firm, or taken from the firm before what waited
// for it was said.
func (e *Engine) cameToNothing(ctx context.Context, d storage.Delivery) (bool, error) {
	if d.Kind == deliverSync {
		// A look says nothing there, and who asked for it waits for what it finds.
		return false, nil
	}
	to := destination(d)
	closed, err := e.places.surely(ctx, to, func(c storage.Channel) bool { return c.State == channelClosed })
	if err == nil && closed {
		return true, nil
	}
	if aims, err := saidToChannel(d); err != nil || !aims {
		return false, err
	}
	known, err := e.places.find(ctx, to.workspace, to.channel)
	if err != nil || known == nil || known.Contractor == "" {
		return false, err
	}
	// Another replica may have taken it away a moment ago, and then nothing is said there
	// any more: the store is asked.
	var now storage.Channel
	err = e.store.View(ctx, d.Desk, func(tx storage.Tx) (err error) {
		now, err = tx.Channel(ctx, to.workspace, to.channel)
		return err
	})
	if err != nil && !errors.Is(err, storage.ErrNotFound) {
		return false, fmt.Errorf("look at a channel: %w", err)
	}
	return err == nil && now.Kind == "", nil
}

// saidToChannel tells whether a delivery is meant for whoever the channel belongs to, and
// not for a card or its thread: those know by themselves whether they are closed.
func saidToChannel(d storage.Delivery) (bool, error) {
	switch d.Kind {
	case deliverPost:
		pl, err := payload[postPayload](d)
		return pl.Thread == "" && !pl.Last, err
	case deliverDigest, deliverChart, deliverMembers, deliverInvite:
		return true, nil
	}
	return false, nil
}
