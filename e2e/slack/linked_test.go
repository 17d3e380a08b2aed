package slack_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"taskbridge/adapters/slack/slacktest"
)

// addLinked adds a firm with two channels, and a job that is talked about in both and
// that is handed in and sent back while things go wrong.
func (h *history) addLinked() {
	h.t.Helper()
	channel, who := h.firm("Hull", "Bridge", "bob")
	annex := h.slack.AddChannel(slacktest.ChannelSpec{Name: "bridge-annex", Private: true, Members: []string{"oskar", "bob"}})
	h.told(h.oskar, func() error {
		_, err := h.oskar.Command(h.ops, "/task contractor link bridge #"+annex)
		return err
	}, "now also has")
	n, card := h.accepted(channel, "Job of Bridge", "bridge", who[0])
	j := &job{number: n, firm: channel, card: card, linked: h.card(annex, n, "Accepted"), desk: h.card(h.ops, n, "Accepted")}
	h.add(j, who[0])
}

// both is the job that is shown in two channels, and who works on it.
func (h *history) both() (*job, *slacktest.Person) {
	i := slices.IndexFunc(h.jobs, func(j *job) bool { return j.linked.TS != "" })
	return h.jobs[i], h.slack.Person("bob")
}

// handIn has the firm hand in its work, so that what is said is held from now on.
func (h *history) handIn(round int) {
	h.t.Helper()
	h.awake()
	j, bob := h.both()
	_, err := h.slack.WaitMessage(j.firm, func(m slacktest.Message) bool {
		return m.TS == j.card.TS && slices.ContainsFunc(m.Controls(), func(c slacktest.Control) bool { return c.Label == "Complete" })
	})
	h.must(err)
	h.must(bob.Click(j.firm, j.card.TS, "Complete"))
	h.submit(bob, fmt.Sprintf("Complete #%d", j.number), slacktest.Values{"What was done": fmt.Sprintf("Round %d", round)})
	h.card(j.firm, j.number, "Waiting approval")
}

// sendBack has the desk send it back, which releases what was held.
func (h *history) sendBack(round int) {
	h.t.Helper()
	h.awake()
	j, _ := h.both()
	h.says(fmt.Sprintf("/task sendback %d Not yet, round %d", j.number, round), "is sent back")
}

// handOff has the desk hand another job to a firm, and the firm accept it.
func (h *history) handOff(round int) {
	h.t.Helper()
	h.awake()
	n, card := h.accepted(h.jobs[0].firm, fmt.Sprintf("Job of round %d", round), "acme", h.slack.Person("frank"))
	h.jobs = append(h.jobs, &job{number: n, firm: card.Channel, card: card, desk: h.card(h.ops, n, "Accepted")})
}

// awake waits until the program, all of its replicas, say that they can work.
func (h *history) awake() {
	h.t.Helper()
	for _, p := range append(slices.Clone(h.replicas), h.program) {
		until(h.t, "the program to be ready", func() bool {
			res, err := p.Call(http.MethodGet, "/readyz", nil)
			return err == nil && res.Status == http.StatusOK
		})
	}
	h.must(h.slack.Settle())
}

// checkLinked looks for what was said in either channel of a firm in the other: once,
// with its newest text and its file, and not at all when it was taken back.
func (h *history) checkLinked(j *job) {
	h.t.Helper()
	for _, root := range []slacktest.Message{j.card, j.linked} {
		shown, files := map[string]int{}, map[string]int{}
		for _, m := range h.slack.Thread(root.Channel, root.TS) {
			if !m.IsReply() || m.User != h.slack.BotUserID() {
				continue
			}
			first, _, _ := strings.Cut(visible(m.Plain()), "\n")
			shown[strings.TrimSpace(first)]++
			for _, id := range m.FileIDs {
				if f, ok := h.slack.File(id); ok {
					files[f.Name]++
				}
			}
		}
		for _, v := range j.shared {
			for _, u := range v.said {
				want := 1
				if v.root.Channel == root.Channel || u.deleted {
					want = 0
				}
				for i, text := range u.texts {
					if times := shown[text]; i < len(u.texts)-1 && times != 0 || i == len(u.texts)-1 && times != want {
						h.t.Errorf("%q (deleted: %v) is shown %d times in %s\n%s", text, u.deleted, times, root.Channel, h.trace(u.ts))
					}
				}
				if u.file != "" && files[u.file] != want {
					h.t.Errorf("the file of %q (deleted: %v) is shown %d times in %s", u.texts, u.deleted, files[u.file], root.Channel)
				}
			}
		}
	}
}
