package workflow

// PersonalNotice is a kind of notice that goes to one person of the desk, besides what the
// desk's channels say. What firms and people outside are told is none of them: nobody can
// switch that off.
type PersonalNotice string

// The kinds of personal notices.
const (
	// NewsOfWatched is what others did with the jobs that a person watches.
	NewsOfWatched PersonalNotice = "watched"
	// DeskReminders are the reminders of what waits for the desk or is late, which its
	// channels have anyway.
	DeskReminders PersonalNotice = "reminders"
)

// PersonalNotices returns every kind, in the order people read them in.
func PersonalNotices() []PersonalNotice { return []PersonalNotice{NewsOfWatched, DeskReminders} }

// Way is how a personal notice reaches somebody.
type Way string

// The ways.
const (
	// ByChat is the person's own conversation with the bot.
	ByChat Way = "chat"
	ByMail Way = "mail"
	NoWay  Way = "none"
)

// Usual is the way of a kind for whoever has chosen none.
func (k PersonalNotice) Usual() Way {
	if k == NewsOfWatched {
		return ByChat
	}
	return NoWay
}
