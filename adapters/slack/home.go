package slack

import (
	"context"

	"github.com/slack-go/slack"

	"taskbridge/bot/chat"
)

// maxHomeBlocks is how many blocks a Home tab has
// (docs.slack.dev/reference/views/home-tab-views).
const maxHomeBlocks = 100

var _ chat.HomeKeeper = (*Adapter)(nil)

// PublishHome shows a person's Home tab. There is no hash: the bot draws what is true
// now, one call after the other, so that the last one is right.
func (a *Adapter) PublishHome(ctx context.Context, personID string, page []chat.Message) error {
	if !isUserID(personID) {
		return &chat.SendError{Reason: chat.NotFound}
	}
	blocks, err := homeBlocks(page)
	if err != nil {
		return err
	}
	_, err = a.api.PublishViewContext(ctx, slack.PublishViewContextRequest{
		UserID: personID,
		View:   slack.HomeTabViewRequest{Type: slack.VTHomeTab, Blocks: slack.Blocks{BlockSet: blocks}},
	})
	return callError("views.publish", err)
}

// homeBlocks lays messages out one under the other, each that has a heading apart from
// the one before. What does not fit is left out with its controls, a message at a time.
func homeBlocks(page []chat.Message) ([]slack.Block, error) {
	var out []slack.Block
	for n, m := range page {
		shown, err := render(m, false)
		if err != nil {
			return nil, err
		}
		blocks := shown.blocks
		if n > 0 && m.Title != "" {
			blocks = append([]slack.Block{slack.NewDividerBlock()}, blocks...)
		}
		if len(out)+len(blocks) > maxHomeBlocks {
			break
		}
		out = append(out, blocks...)
	}
	return out, nil
}
