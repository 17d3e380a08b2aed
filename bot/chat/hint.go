package chat

// Hint is a command that a person has, for platforms that complete what is typed.
type Hint struct {
	// Text is what to type after the slash command; Usage how it is written in full
	// and Does what it does.
	Text, Usage, Does string
}
