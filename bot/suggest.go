package bot

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"taskbridge/bot/chat"
	"taskbridge/bot/present"
	"taskbridge/storage"
	"taskbridge/workflow"
)

// What is kept of a firm's topics.
const (
	mostTopics   = 12
	longestTopic = 40
)

// offerForm asks which firms get a job: first those that suit it, with what speaks for
// them, then the others in their usual order.
func (t *turn) offerForm(ctx context.Context, as present.Asked, i storage.Issue) (*chat.Form, error) {
	firms, err := t.activeFirms(ctx)
	if err != nil {
		return nil, err
	}
	if len(firms) == 0 {
		return nil, t.noFirms()
	}
	why, err := t.suggest(ctx, i, firms)
	if err == nil {
		why, err = t.lackingLast(ctx, i, firms, why)
	}
	if err != nil {
		return nil, err
	}
	return t.present.Offer(as, i, firms, why), nil
}

// suggest puts the firms that suit a job first and tells why each of them does. What is
// counted of firms is read only when one of them suits.
func (t *turn) suggest(ctx context.Context, i storage.Issue, firms []storage.Contractor) (map[string]string, error) {
	fits := map[string]workflow.Fit{}
	for _, c := range firms {
		if f := workflow.FitOf(c.Topics, c.City, i.Topic+", "+i.Title, i.Place); f.Suits() {
			fits[c.ID] = f
		}
	}
	if len(fits) == 0 {
		return nil, nil
	}
	known, err := t.tx.ListExperience(ctx)
	if err != nil {
		return nil, fmt.Errorf("list experience: %w", err)
	}
	for _, e := range known {
		if f, suits := fits[e.Contractor]; suits {
			f.Done, f.Taken, f.Declined, f.Rated, f.Stars = e.Done, e.Taken, e.Declined, e.Rated, e.Stars
			fits[e.Contractor] = f
		}
	}
	slices.SortStableFunc(firms, func(a, b storage.Contractor) int {
		return workflow.CompareFits(fits[a.ID], fits[b.ID])
	})
	why := map[string]string{}
	for id, f := range fits {
		why[id] = t.present.Suits(f)
	}
	return why, nil
}

// setTopics says what a firm does.
func (t *turn) setTopics(ctx context.Context, rest string) (chat.Answer, error) {
	const usage = "contractor topics NAME boiler, plumbing"
	if err := workflow.Allowed(t.actor, workflow.FirmTopics); err != nil {
		return chat.Answer{}, err
	}
	name, list, err := t.cutFirm(ctx, rest)
	if err != nil {
		return chat.Answer{}, err
	}
	if list == "" {
		return chat.Answer{}, t.usageOf(usage, "Write the firm and what it does, with commas between the topics, or none.")
	}
	firm, err := t.firmToChange(ctx, name)
	if err == nil {
		err = t.atWork(firm)
	}
	if err != nil {
		return chat.Answer{}, err
	}
	is, err := readTopics(list)
	if err != nil {
		return chat.Answer{}, err
	}
	was := firm.Topics
	firm.Topics = is
	if err := t.tx.SaveContractor(ctx, firm); err != nil {
		return chat.Answer{}, fmt.Errorf("save a contractor: %w", err)
	}
	err = t.record(ctx, "", workflow.Event{Kind: present.EventFirmTopics, Data: map[string]string{
		"contractor": firm.ID, "before": strings.Join(was, ", "), "after": strings.Join(is, ", "),
	}})
	if err != nil {
		return chat.Answer{}, err
	}
	if len(is) == 0 {
		return chat.Private(chat.T(t.present.Say("%s has no topics any more.", present.FirmName(firm)))), nil
	}
	return chat.Private(chat.T(t.present.Say("%s does %s. It comes first when such a job is offered.", present.FirmName(firm), strings.Join(is, ", ")))), nil
}

// cutFirm cuts a firm's name from the front of a text: what stands before a bar, else
// as many words as mean one firm.
func (t *turn) cutFirm(ctx context.Context, text string) (name, rest string, err error) {
	if name, rest, barred := strings.Cut(text, "|"); barred {
		return strings.TrimSpace(name), strings.TrimSpace(rest), nil
	}
	all, err := t.tx.ListContractors(ctx)
	if err != nil {
		return "", "", fmt.Errorf("list contractors: %w", err)
	}
	words := strings.Fields(text)
	end := 0
	for n := range words {
		// A comma ends the first topic, so that a firm's name does not.
		if len(meant(all, strings.Join(words[:n+1], " "))) == 1 && (end == 0 || !strings.HasSuffix(words[n], ",")) {
			end = n + 1
		} else if end > 0 {
			break
		}
	}
	// A name in full has a comma of its own, before the city.
	for _, c := range all {
		full := strings.Fields(present.FirmName(c))
		if n := len(full); n > end && n <= len(words) && slices.EqualFunc(full, words[:n], strings.EqualFold) {
			end = n
		}
	}
	end = max(end, min(1, len(words)))
	return strings.Join(words[:end], " "), strings.Join(words[end:], " "), nil
}

// readTopics reads topics with commas between them, each once; none is no topic.
func readTopics(list string) ([]string, error) {
	if strings.EqualFold(list, "none") {
		return nil, nil
	}
	var topics []string
	for topic := range strings.SplitSeq(strings.ToLower(list), ",") {
		topic = strings.Join(strings.Fields(topic), " ")
		if utf8.RuneCountInString(topic) > longestTopic {
			return nil, workflow.Refuse(workflow.Invalid, "The topic %q is too long. Write at most %d characters.", short(topic), longestTopic)
		}
		if topic != "" && !slices.Contains(topics, topic) {
			topics = append(topics, topic)
		}
	}
	if len(topics) > mostTopics {
		return nil, workflow.Refuse(workflow.Invalid, "These are too many topics. Write at most %d.", mostTopics)
	}
	return topics, nil
}
