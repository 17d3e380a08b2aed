package main

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// seedPlan says how much work to put into taskbridge before the load.
type seedPlan struct {
	contractors int
	threads     int           // live jobs whose threads get the replies
	targets     int           // offered jobs, each to be clicked once
	buttons     int           // how many of the targets to press, 0 for all
	mirrors     bool          // whether each contractor has a second, linked channel
	limit       time.Duration // for the whole seeding
}

// firm is a contractor's name. No name is the beginning of another.
func firm(i int) string { return "Firm" + string([]byte{byte('a' + i/26%26), byte('a' + i%26)}) }

// seeder works on one taskbridge through nothing but slash commands, clicks and
// what taskbridge then says.
type seeder struct {
	server   *server
	plan     seedPlan
	call     *caller
	channels []string // of the firms, in their order
}

var (
	acceptPattern = regexp.MustCompile(`(?i)accept`)
	cancelPattern = regexp.MustCompile(`(?i)cancel|withdraw`)
)

// numberIn finds the job's number in an answer, which may be a sentence or
// blocks: best after a #, else after a word for it, else the first number.
func numberIn(answer []byte) (int, bool) {
	for _, p := range []string{`#(\d{1,9})\b`, `(?i)(?:issue|job|task|number)\W{0,3}(\d{1,9})\b`, `\b(\d{1,9})\b`} {
		if m := regexp.MustCompile(p).FindSubmatch(answer); m != nil {
			n, err := strconv.Atoi(string(m[1]))
			return n, err == nil
		}
	}
	return 0, false
}

// seed fills threads and buttons of the server. It returns a sentence on how the
// buttons were found.
func seed(ctx context.Context, s *server, plan seedPlan, progress func(string, ...any)) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, plan.limit)
	defer cancel()
	sd := &seeder{server: s, plan: plan, call: newCaller(s.addr)}
	defer sd.call.close()
	if err := sd.desk(ctx); err != nil {
		return "", err
	}
	progress("%s: %d contractors", s.name, len(sd.channels))
	if err := sd.threads(ctx); err != nil {
		return "", err
	}
	progress("%s: %d live threads", s.name, len(s.threads))
	if plan.targets == 0 {
		return "", nil
	}
	numbers, err := sd.offer(ctx, plan.targets, len(s.threads))
	if err != nil {
		return "", err
	}
	progress("%s: %d jobs offered", s.name, len(numbers))
	if plan.buttons > 0 {
		numbers = numbers[:min(len(numbers), plan.buttons)]
	}
	how, err := sd.harvest(ctx, numbers)
	if err != nil {
		return "", err
	}
	progress("%s: %d buttons, %s", s.name, len(s.buttons), how)
	return how, nil
}

// desk names the operations channel and adds the contractors, each of which gets
// a channel.
func (sd *seeder) desk(ctx context.Context) error {
	if _, err := sd.ops(ctx, "here operations"); err != nil {
		return err
	}
	for i := range sd.plan.contractors {
		company := firm(i)
		if _, err := sd.ops(ctx, "contractor add Leeds | "+company); err != nil {
			return err
		}
		id := ""
		err := await(ctx, sd.plan.limit, sd.server.exited, func() bool {
			for name, channel := range sd.server.slack.created() {
				if strings.Contains(name, strings.ToLower(company)) {
					id = channel
				}
			}
			return id != ""
		})
		if err != nil {
			return fmt.Errorf("wait for the channel of %s: %w", company, err)
		}
		sd.channels = append(sd.channels, id)
		if sd.plan.mirrors {
			if err := sd.link(ctx, company); err != nil {
				return err
			}
		}
	}
	return nil
}

// link gives the contractor a second channel, so that each reply in the first has a
// mirror in it.
func (sd *seeder) link(ctx context.Context, company string) error {
	name := "also-" + strings.ToLower(company)
	answer, err := sd.call.slash(ctx, sd.server.slack, adminUser, sd.server.slack.make(name), "contractor link "+company+" here")
	if err != nil {
		return err
	}
	if !strings.Contains(string(answer), name) {
		return fmt.Errorf("link a channel of %s: %.300s", company, answer)
	}
	return nil
}

func (sd *seeder) ops(ctx context.Context, text string) ([]byte, error) {
	return sd.call.slash(ctx, sd.server.slack, adminUser, opsChannel, text)
}

// threads makes live jobs: offered, posted, accepted by a click.
func (sd *seeder) threads(ctx context.Context) error {
	if _, err := sd.offer(ctx, sd.plan.threads, 0); err != nil {
		return err
	}
	seen := map[string]bool{}
	// A platform allows about one message per second and channel, so not all of
	// them need to come.
	limit := min(sd.plan.limit, 60*time.Second)
	err := await(ctx, limit, sd.server.exited, func() bool {
		for _, t := range sd.cardsWith(acceptPattern, firmUser) {
			// People reply in the first channel, and linked ones get the mirrors.
			if key := t.Channel + t.Message; !seen[key] && slices.Contains(sd.channels, t.Channel) {
				seen[key] = true
				sd.server.threads = append(sd.server.threads, t)
			}
		}
		return len(sd.server.threads) >= sd.plan.threads
	})
	if len(sd.server.threads) == 0 {
		return fmt.Errorf("no card with an Accept button came into the firms' channels (calls so far: %v): %w", sd.server.slack.callCounts(), err)
	}
	for _, t := range sd.server.threads {
		status, err := sd.call.send(ctx, clicks, t, sd.server.slack.responseURL("none"))
		if err != nil {
			return fmt.Errorf("accept a job: %w", err)
		}
		if status/100 != 2 {
			return fmt.Errorf("accept a job: status %d", status)
		}
	}
	return nil
}

// offer creates n jobs and offers them in turn to the firms. It returns their
// numbers.
func (sd *seeder) offer(ctx context.Context, n, skip int) ([]int, error) {
	const parallel = 16
	numbers := make([]int, n)
	errs := make([]error, parallel)
	var wg sync.WaitGroup
	for w := range parallel {
		wg.Go(func() {
			for i := w; i < n && errs[w] == nil; i += parallel {
				numbers[i], errs[w] = sd.offerOne(ctx, skip+i)
			}
		})
	}
	wg.Wait()
	return numbers, errors.Join(errs...)
}

func (sd *seeder) offerOne(ctx context.Context, i int) (int, error) {
	// Letters only: the first number in the answer is then the job's.
	answer, err := sd.ops(ctx, "new Leaking tap, lot "+letters(i))
	if err != nil {
		return 0, err
	}
	number, ok := numberIn(answer)
	if !ok {
		return 0, fmt.Errorf("/task new: no number in the answer: %.300s", answer)
	}
	company := firm(number % sd.plan.contractors)
	if _, err := sd.ops(ctx, fmt.Sprintf("assign %d %s", number, strings.ToLower(company))); err != nil {
		return 0, err
	}
	return number, nil
}

// harvest finds one button per offered job. The card that /task show answers
// with comes at once; cards in channels come at the platform's pace.
func (sd *seeder) harvest(ctx context.Context, numbers []int) (string, error) {
	ways := []struct {
		name, user string
		pattern    *regexp.Regexp
		channel    func(number int) string
	}{
		{"Accept, from the firm's /task show", firmUser, acceptPattern, func(n int) string { return sd.channels[n%sd.plan.contractors] }},
		{"Cancel, from the operators' /task show", adminUser, cancelPattern, func(int) string { return opsChannel }},
	}
	for _, way := range ways {
		first, err := sd.show(ctx, numbers[0], way.user, way.channel(numbers[0]), way.pattern)
		if err != nil || first == nil {
			continue
		}
		found := make([]*target, len(numbers))
		var wg sync.WaitGroup
		const parallel = 16
		errs := make([]error, parallel)
		for w := range parallel {
			wg.Go(func() {
				for i := w; i < len(numbers) && errs[w] == nil; i += parallel {
					found[i], errs[w] = sd.show(ctx, numbers[i], way.user, way.channel(numbers[i]), way.pattern)
				}
			})
		}
		wg.Wait()
		if err := errors.Join(errs...); err != nil {
			return "", err
		}
		for _, t := range found {
			if t != nil {
				sd.server.buttons = append(sd.server.buttons, *t)
			}
		}
		return way.name, nil
	}
	// What is left are the cards delivered so far; give the slow pace some time.
	live := map[string]bool{}
	for _, t := range sd.server.threads {
		live[t.Channel+t.Message] = true
	}
	err := await(ctx, sd.plan.limit, sd.server.exited, func() bool {
		sd.server.buttons = slices.DeleteFunc(sd.cardsWith(acceptPattern, firmUser), func(t target) bool { return live[t.Channel+t.Message] })
		return len(sd.server.buttons) >= len(numbers)
	})
	if len(sd.server.buttons) == 0 {
		return "", fmt.Errorf("no button to press was found: %w", err)
	}
	return "Accept, from the cards delivered", nil
}

// show returns the button of an issue that matches, nil when there is none.
func (sd *seeder) show(ctx context.Context, number int, user, channel string, pattern *regexp.Regexp) (*target, error) {
	answer, err := sd.call.slash(ctx, sd.server.slack, user, channel, fmt.Sprintf("show %d", number))
	if err != nil {
		return nil, err
	}
	for _, b := range buttonsIn(answer) {
		if b.matches(pattern) {
			return &target{
				User: user, Channel: channel, Message: "1700000000.000200",
				BlockID: b.blockID, ActionID: b.actionID, Value: b.value, Issue: number,
			}, nil
		}
	}
	return nil, nil
}

func (b button) matches(p *regexp.Regexp) bool {
	return p.MatchString(b.actionID) || p.MatchString(b.label)
}

// cardsWith returns the matching button of every message that stands outside the
// operations channel, as its latest version has it.
func (sd *seeder) cardsWith(p *regexp.Regexp, user string) []target {
	var order []string
	latest := map[string]target{}
	for _, c := range sd.server.slack.posted(0) {
		key := c.channel + c.ts
		if c.channel == opsChannel {
			continue
		}
		if _, known := latest[key]; !known {
			order = append(order, key)
		}
		latest[key] = target{}
		for _, b := range c.buttons {
			if b.matches(p) {
				latest[key] = target{User: user, Channel: c.channel, Message: c.ts, BlockID: b.blockID, ActionID: b.actionID, Value: b.value}
				break
			}
		}
	}
	var found []target
	for _, key := range order {
		if t := latest[key]; t.Channel != "" {
			found = append(found, t)
		}
	}
	return found
}

// letters writes a number in letters.
func letters(n int) string {
	s := ""
	for {
		s = string(rune('a'+n%26)) + s
		if n /= 26; n == 0 {
			return s
		}
		n--
	}
}

// standIns are targets for the Bolt apps, which look at none of this, when no
// taskbridge runs to provide real ones.
func standIns(n int) []target {
	list := make([]target, n)
	for i := range list {
		list[i] = target{
			User: firmUser, Channel: "C0" + string(base36(nil, uint64(i), 9)),
			Message: string(fraction([]byte("1700000000"), int64(i))), BlockID: "actions1", ActionID: "accept",
			Value: "v1." + string(base36(nil, uint64(i)*2654435761, 12)) + ".1." + strings.Repeat("k7Qw", 11),
		}
	}
	return list
}
