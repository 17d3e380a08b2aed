package chat

// Message is what is shown, free of any platform's format. Adapters render it and
// keep to their platform's limits.
type Message struct {
	// Title is the heading, literal text.
	Title string `json:",omitempty"`
	// Tone colours the message.
	Tone Tone `json:",omitempty"`
	// Text is the body, and what a notification shows.
	Text Text `json:",omitempty"`
	// Facts are short named values, shown side by side where there is room.
	Facts []Fact `json:",omitempty"`
	// Notes are small print under the rest.
	Notes []Text `json:",omitempty"`
	// Buttons are at most five; Choice is an optional select beside them.
	Buttons []Button `json:",omitempty"`
	Choice  *Choice  `json:",omitempty"`
	// Pinned is true for a message that is kept pinned in its channel.
	Pinned bool `json:",omitempty"`
	// Replies is true for a message without controls whose thread is read all the same.
	Replies bool `json:",omitempty"`
	// Speaker is the person whose words Text carries, when the bot speaks for
	// somebody. Platforms that can show it as the author.
	Speaker Speaker `json:",omitzero"`
	// Visit is the planned visit that the message speaks of. Platforms that write letters
	// enclose it as a file for calendars.
	Visit *Visit `json:",omitempty"`
}

// Speaker is somebody the bot speaks for.
type Speaker struct {
	Name string
	// Picture is the address of a small picture that anybody can open, empty for
	// none.
	Picture string `json:",omitempty"`
}

// Empty tells whether there is nothing to show.
func (m Message) Empty() bool {
	return m.Title == "" && m.Text.Empty() && len(m.Facts) == 0 && len(m.Notes) == 0 && len(m.Buttons) == 0 && m.Choice == nil
}

// Tone is the mood of a message.
type Tone string

// The tones.
const (
	Neutral Tone = ""
	Waiting Tone = "waiting"
	Active  Tone = "active"
	Good    Tone = "good"
	Bad     Tone = "bad"
	Closed  Tone = "closed"
)

// Mark is a sign for the tone, for where a message has no colour; empty for Neutral.
func (t Tone) Mark() string {
	switch t {
	case Waiting:
		return "⏳"
	case Active:
		return "🔧"
	case Good:
		return "✅"
	case Bad:
		return "⚠️"
	case Closed:
		return "🔒"
	case Neutral:
	}
	return ""
}

// Fact is a named value.
type Fact struct {
	Label string
	Value Text
}

// Button does something when pressed. Exactly one of Token and URL is set.
type Button struct {
	// ID is made of letters and digits only and unique in its message: platforms
	// route clicks by it.
	ID    string
	Label string
	// Token is signed by the bot and comes back in Click.Token.
	Token string `json:",omitempty"`
	URL   string `json:",omitempty"`
	Style Style  `json:",omitempty"`
}

// Style is how strongly a button asks to be pressed.
type Style string

// The styles.
const (
	Default Style = ""
	Primary Style = "primary"
	Danger  Style = "danger"
)

// Choice is a select on a message; the chosen value comes back in Click.Choice.
type Choice struct {
	ID          string
	Placeholder string
	Token       string
	Options     []Option
}

// Option is one of several to choose from.
type Option struct {
	Value string
	Label string
}

// Form asks a person for several values at once. It is written for the smaller
// platform: Title and each field's Label show 24 bytes on Mattermost
// (developers.mattermost.com/integrate/plugins/interactive-dialogs).
type Form struct {
	Title  string
	Submit string
	// Cancel closes it. Empty is for English.
	Cancel string
	Intro  string
	// Token is signed by the bot and comes back in Submitted.Token.
	Token  string
	Fields []Field
	// LeftOut stands before the labels of fields whose values a platform's form cannot
	// hold. Empty is for English.
	LeftOut string
}

// Field is one value asked for.
type Field struct {
	// Name is made of lower-case letters, digits and underscores.
	Name  string
	Label string
	Help  string
	Kind  FieldKind
	// Value is what stands there at first.
	Value       string
	Placeholder string
	Optional    bool
	// Max is the greatest length in characters; zero means the kind's usual.
	Max     int
	Options []Option
}

// FieldKind is how a value is entered.
type FieldKind string

// The kinds of fields. A choice from people or dates is written as text, which
// every platform and version has.
const (
	Line      FieldKind = "line"
	Paragraph FieldKind = "paragraph"
	Select    FieldKind = "select"
	Tick      FieldKind = "tick"
)
