package workflow

import (
	"slices"
	"time"
)

// InviteLife is how long an invitation to a firm's channel is good: Slack's are for 14
// days (docs.slack.dev/apis/slack-connect), and nobody waits longer on another platform.
const InviteLife = 14 * 24 * time.Hour

// RosterView is what is known of one channel of a firm: who should be in it, and who
// is. People are named by their ids on the channel's platform.
type RosterView struct {
	// Self is the bot. Members are all who are in the channel.
	Self    string
	Members []string
	// Operators are the desk's people, who belong in every firm's channel.
	Operators []string
	// Placed are those whom the desk put there as its own, at any time.
	Placed []string
	// Wanted and Struck are people of the firm whom the desk wants there, and wants
	// there no longer.
	Wanted, Struck []string
}

// RosterPlan is what has to be done to a channel, and what a person has to see to.
type RosterPlan struct {
	// Add are operators to put in. Remove are those to take out: the desk's people
	// who are operators no longer, and people of the firm who were struck.
	Add, Remove []string
	// Missing are wanted people who are not there. Strangers are people who came
	// without the desk's doing: the firm's own affair.
	Missing, Strangers []string
}

// PlanRoster compares a channel with what the desk wants. Nobody of the firm is thrown
// out unless the desk struck them; and as long as no operator is known, nobody of the
// desk is taken out, so that the last one never goes.
func PlanRoster(v RosterView) RosterPlan {
	var p RosterPlan
	in := slices.Contains[[]string]
	add := func(to *[]string, id string) {
		if id != "" && id != v.Self && !in(*to, id) {
			*to = append(*to, id)
		}
	}
	for _, id := range v.Operators {
		if !in(v.Members, id) {
			add(&p.Add, id)
		}
	}
	for _, id := range v.Members {
		switch {
		case id == v.Self || in(v.Operators, id):
		case in(v.Struck, id):
			add(&p.Remove, id)
		case in(v.Placed, id):
			if len(v.Operators) > 0 {
				add(&p.Remove, id)
			}
		case !in(v.Wanted, id):
			add(&p.Strangers, id)
		}
	}
	for _, id := range v.Wanted {
		if !in(v.Members, id) {
			add(&p.Missing, id)
		}
	}
	return p
}
