package main

import (
	"context"
	"fmt"
	"time"

	"taskbridge/adapters/web"
)

// demoOld is a task of the weeks before the story: what it was about and how it went.
type demoOld struct {
	title, topic, place, firm, who string
	// accept and work are how long the firm took to say yes and to be done.
	accept, work time.Duration
	// declined is why the firm said no, instead of everything that follows.
	declined string
	// sentBack is what was missing when it was handed in first.
	sentBack string
	// due is when it had to be done, as it is typed; stars are the rating, zero for none.
	due   string
	stars int
}

// demoPast are the tasks of about a week; they come again every week, a little different.
func demoPast() []demoOld {
	const hour = time.Hour
	return []demoOld{
		{"Boiler pressure drops", "Heating", "12 Mill Lane, Leeds", heating, "ben", 12 * minutes, 5 * hour, "", "", "1d", 5},
		{"Lock of the bin store jams", "Locks", "40 Station Rd, Leeds", locks, "mia", 8 * minutes, 26 * hour, "", "", "2d", 4},
		{"Gutter bracket loose", "Roof", "27 Priory Rd, York", roofs, "george", 3 * hour, 50 * hour, "", "", "30h", 3},
		{"Radiator stays cold", "Heating", "18 Victoria Ave, Leeds", heating, "tess", 25 * minutes, 9 * hour, "", "The bedroom radiator is still cold. Please bleed it, too.", "1d", 4},
		{"Moss on the north roof", "Roof", "2 Minster Yard, York", roofs, "george", 5 * hour, 0, "no_capacity", "", "3d", 0},
	}
}

// week is how long the demonstration's week of old tasks is.
const week = 7 * 24 * time.Hour

// playPast plays the weeks before the story.
func (d *player) playPast(ctx context.Context, weeks int) error {
	for n := range weeks {
		if err := d.comes(ctx, demoBegan+time.Duration(weeks-n)*week); err != nil {
			return err
		}
		for k, old := range demoPast() {
			if (n+k)%4 == 3 && old.declined == "" {
				// Not everything happens every week.
				continue
			}
			if err := d.later(ctx, 20*time.Hour); err != nil {
				return err
			}
			old.accept += time.Duration((n*7+k*3)%9) * 11 * minutes
			old.work = old.work * time.Duration(8+(n*5+k)%7) / 10
			if n%3 != 1 {
				old.sentBack = ""
			}
			if old.stars > 0 {
				old.stars = min(5, old.stars+n%2)
			}
			if err := d.old(ctx, old); err != nil {
				return fmt.Errorf("an old job, %s: %w", old.title, err)
			}
		}
	}
	if err := d.comes(ctx, demoBegan); err != nil {
		return err
	}
	return nil
}

// old plays one of them from its beginning to its end.
func (d *player) old(ctx context.Context, old demoOld) error {
	operations, room := d.rooms[web.Operations], d.rooms[old.firm]
	d.made++
	number := d.made
	form, err := d.say(ctx, "olivia", operations, "", "/task new")
	if err != nil {
		return err
	}
	if err := d.fill(ctx, "olivia", operations, form, map[string]string{"title": old.title, "topic": old.topic, "place": old.place, "due": old.due}); err != nil {
		return err
	}
	if err := d.commands(ctx, fmt.Sprintf("/task assign %d %s by 3d", number, old.firm)); err != nil {
		return err
	}
	if err := d.later(ctx, old.accept); err != nil {
		return err
	}
	if old.declined != "" {
		if err := d.press(ctx, old.who, room, number, "decline", "", map[string]string{"reason": old.declined}); err != nil {
			return err
		}
		if err := d.later(ctx, time.Hour); err != nil {
			return err
		}
		return d.commands(ctx, fmt.Sprintf("/task close %d", number))
	}
	if err := d.press(ctx, old.who, room, number, "accept", "", nil); err != nil {
		return err
	}
	if err := d.later(ctx, old.work); err != nil {
		return err
	}
	handIn := func() error {
		return d.press(ctx, old.who, room, number, "submit", "", map[string]string{"note": "Done as ordered.", "effort": "1h30m", "costs": "40 GBP"})
	}
	if err := handIn(); err != nil {
		return err
	}
	if err := d.later(ctx, 40*minutes); err != nil {
		return err
	}
	if old.sentBack != "" {
		if err := d.press(ctx, "olivia", operations, number, "sendback", "", map[string]string{"reason": old.sentBack}); err != nil {
			return err
		}
		if err := d.later(ctx, 4*time.Hour); err != nil {
			return err
		}
		if err := handIn(); err != nil {
			return err
		}
	}
	if err := d.press(ctx, "olivia", operations, number, "approve", "", nil); err != nil {
		return err
	}
	all := []string{fmt.Sprintf("/task close %d", number)}
	if old.stars > 0 {
		all = append([]string{fmt.Sprintf("/task rate %d %d", number, old.stars)}, all...)
	}
	return d.commands(ctx, all...)
}

// commands gives commands as the operator.
func (d *player) commands(ctx context.Context, all ...string) error {
	for _, text := range all {
		if _, err := d.say(ctx, "olivia", d.rooms[web.Operations], "", text); err != nil {
			return err
		}
	}
	return nil
}
