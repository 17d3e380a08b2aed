package mattermost

import (
	"context"
	"encoding/json"
	"fmt"
)

// Replay hands an event over again that was kept in Inbound.Raw. Posts keep their
// key; an event without an identity of its own gets one made of its bytes, so that
// replaying it twice is once.
func (a *Adapter) Replay(ctx context.Context, raw []byte) error {
	s, err := a.started()
	if err != nil {
		return err
	}
	var fr frame
	var data eventData
	if err := json.Unmarshal(raw, &fr); err != nil {
		return fmt.Errorf("mattermost: replay: decode event: %w", err)
	}
	if err := json.Unmarshal(fr.Data, &data); err != nil {
		return fmt.Errorf("mattermost: replay: decode %q: %w", fr.Event, err)
	}
	f := newFeed(ctx, a, s)
	in, ours, err := f.decoder().event(fr, data, key("replay", string(raw)))
	if err != nil {
		return fmt.Errorf("mattermost: replay: %w", err)
	}
	if !ours {
		return nil
	}
	in.Raw = raw
	return f.handOver(ctx, in)
}
