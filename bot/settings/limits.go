package settings

import (
	"slices"
	"strings"
	"time"

	"taskbridge/bot/when"
	"taskbridge/workflow"
)

// Limits are how long a firm may take, and how the desk hears of what takes longer.
type Limits struct {
	// Times are those of each priority that has any.
	Times []LimitTimes `json:"times,omitempty"`
	// Warn is the share of a limit, in per cent, after which people are warned; zero for
	// no warning.
	Warn int `json:"warn"`
	// Escalate is how much working time after work became overdue the managers are told;
	// zero for never.
	Escalate time.Duration `json:"escalate"`
}

// LimitTimes are the time limits of one priority, in working time; zero is none.
type LimitTimes struct {
	Priority string        `json:"priority"`
	Accept   time.Duration `json:"accept"`
	Start    time.Duration `json:"start"`
	Complete time.Duration `json:"complete"`
}

// limitPriorities are the priorities that have limits of their own, the highest first.
func limitPriorities() []string { return []string{"urgent", "high", "normal", "low"} }

// noLimit stands where a limit is not set.
const noLimit = "-"

// maxLimit bounds a time limit.
const maxLimit = 366 * 24 * time.Hour

// Of are the limits of a priority, by what is limited.
func (l Limits) Of(priority string) map[workflow.Limit]time.Duration {
	if priority == "" {
		priority = "normal"
	}
	for _, t := range l.Times {
		if t.Priority == priority {
			return map[workflow.Limit]time.Duration{
				workflow.LimitAccept: t.Accept, workflow.LimitStart: t.Start, workflow.LimitComplete: t.Complete,
			}
		}
	}
	return nil
}

func (l Limits) validate() error {
	seen := map[string]bool{}
	for _, t := range l.Times {
		switch {
		case !slices.Contains(limitPriorities(), t.Priority):
			return workflow.RefuseField("limits", "There is no priority %q. Begin each line with one of %s.", cut(t.Priority), strings.Join(limitPriorities(), ", "))
		case seen[t.Priority]:
			return workflow.RefuseField("limits", "The priority %s is there twice.", t.Priority)
		}
		seen[t.Priority] = true
		for _, d := range []time.Duration{t.Accept, t.Start, t.Complete} {
			if d != 0 && (d < time.Minute || d > maxLimit) {
				return workflow.RefuseField("limits", "Give each limit of %s between 1m and %s, or - for none.", t.Priority, when.Hours(maxLimit))
			}
		}
	}
	switch {
	case l.Warn < 0 || l.Warn > 99:
		return workflow.RefuseField("warn", "Give a share between 1 and 99, or 0 for no warning.")
	case l.Escalate < 0 || l.Escalate > maxLimit:
		return workflow.RefuseField("escalate", "Give a working time of up to %s, or 0m for never.", when.Hours(maxLimit))
	}
	return nil
}

// limitsText writes a line for each priority that has limits, the highest first.
func limitsText(all []LimitTimes) string {
	var out []string
	for _, p := range limitPriorities() {
		for _, t := range all {
			if t.Priority != p {
				continue
			}
			parts := []string{p}
			for _, d := range []time.Duration{t.Accept, t.Start, t.Complete} {
				word := noLimit
				if d > 0 {
					word = when.Hours(d)
				}
				parts = append(parts, word)
			}
			out = append(out, strings.Join(parts, " | "))
		}
	}
	return strings.Join(out, "\n")
}

// parseLimits reads what limitsText writes.
func parseLimits(text string) ([]LimitTimes, error) {
	var all []LimitTimes
	for line := range Lines(text) {
		parts := strings.Split(line, "|")
		if len(parts) != 4 {
			return nil, workflow.RefuseField("limits", "Write each line like urgent | 30m | 2h | 8h: the priority, and the time to accept, to start and to complete; - is no limit.")
		}
		t := LimitTimes{Priority: strings.ToLower(strings.TrimSpace(parts[0]))}
		for n, to := range []*time.Duration{&t.Accept, &t.Start, &t.Complete} {
			word := strings.TrimSpace(parts[n+1])
			if word == noLimit || word == "–" || word == "" {
				continue
			}
			d, err := workingTime("limits", word)
			if err != nil {
				return nil, err
			}
			*to = d
		}
		all = append(all, t)
	}
	slices.SortStableFunc(all, func(a, b LimitTimes) int {
		return slices.Index(limitPriorities(), a.Priority) - slices.Index(limitPriorities(), b.Priority)
	})
	return all, nil
}
