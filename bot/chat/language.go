package chat

import "context"

// Linguist tells in which language people read, as a tag like "de".
type Linguist interface {
	// LanguageAt is that of a channel: of the firm whose it is, else of the desk.
	LanguageAt(ctx context.Context, workspace, channel string) string
	// LanguageOf is that of somebody who looks at pages: their own where it is known, else
	// their firm's, else the desk's.
	LanguageOf(ctx context.Context, v Viewer) string
}
