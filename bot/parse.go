package bot

import (
	"strconv"
	"strings"
	"time"

	"taskbridge/bot/when"
	"taskbridge/workflow"
)

// parseWhen reads a moment as people write it, such as "2h" or "tomorrow 9am"; dates
// are in the zone.
func parseWhen(text string, now time.Time, zone *time.Location) (time.Time, error) {
	t, err := when.Parse(text, now, zone)
	return t.At, err
}

// parseEffort reads time spent, in minutes.
func parseEffort(text string) (int, error) {
	if strings.TrimSpace(text) == "" {
		return 0, nil
	}
	s := strings.ToLower(strings.TrimSpace(text))
	if n, err := strconv.Atoi(s); err == nil {
		return 0, workflow.RefuseField("effort", "Is %d minutes or hours? Write %dm or %dh.", n, n, n)
	}
	d, ok := when.Duration(s)
	if !ok || d > 1000*time.Hour {
		return 0, workflow.RefuseField("effort", "Write the time spent like 90m, 2h or 1h30m.")
	}
	return int(d / time.Minute), nil
}

// short cuts what a person typed to what fits into a sentence about it.
func short(s string) string {
	r := []rune(strings.Join(strings.Fields(s), " "))
	if len(r) > 40 {
		return string(r[:39]) + "…"
	}
	return string(r)
}
