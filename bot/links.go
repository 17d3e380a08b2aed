package bot

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"taskbridge/bot/chat"
	"taskbridge/bot/present"
	"taskbridge/storage"
	"taskbridge/workflow"
)

// jobsAtOnce is how many of a firm's jobs one transaction deals with, or one statement
// lists.
const jobsAtOnce = 200

// settled is when whatever was begun before a channel was linked has been committed.
// What was said meanwhile in ignorance of the link is then made up for.
const settled = time.Minute

// connected lists the workspaces of the platforms that are attached, in order.
func (e *Engine) connected() []string {
	e.mu.RLock()
	defer e.mu.RUnlock()
	out := make([]string, 0, len(e.platforms))
	for id := range e.platforms {
		out = append(out, id)
	}
	slices.Sort(out)
	return out
}

// platformNames are the words by which people name the connected platforms on which
// channels are made.
func (e *Engine) platformNames() []string {
	var out []string
	for _, id := range e.makers() {
		out = append(out, platformOf(id))
	}
	return slices.Compact(out)
}

// platformName is how a workspace's platform is written in a sentence.
func platformName(workspace string) string {
	name := platformOf(workspace)
	if name == "" {
		return name
	}
	return strings.ToUpper(name[:1]) + name[1:]
}

// workspaceNamed finds the connected workspace whose platform is named by a word.
func (e *Engine) workspaceNamed(word string) string {
	for _, id := range e.makers() {
		if strings.EqualFold(platformOf(id), word) {
			return id
		}
	}
	return ""
}

// cutLast splits off the last word, with an "on" or "to" before it.
func cutLast(s string) (rest, word string) {
	words := strings.Fields(s)
	if len(words) == 0 {
		return "", ""
	}
	last := len(words) - 1
	word = words[last]
	if last > 0 && (strings.EqualFold(words[last-1], "on") || strings.EqualFold(words[last-1], "to")) {
		last--
	}
	return strings.Join(words[:last], " "), word
}

// cutPlatform splits "Acme on mattermost" into the name and the workspace.
func (e *Engine) cutPlatform(s string) (name, workspace string) {
	rest, word := cutLast(s)
	if id := e.workspaceNamed(word); id != "" && len(e.platformNames()) > 1 {
		return rest, id
	}
	return s, ""
}

// cutWhere splits "Acme Heating on both" into the company and where it works.
func (e *Engine) cutWhere(s string) (company, where string) {
	rest, word := cutLast(s)
	platforms := e.platformNames()
	known := strings.EqualFold(word, present.Both) || slices.ContainsFunc(platforms, func(p string) bool { return strings.EqualFold(p, word) })
	if len(platforms) < 2 || !known || len(strings.Fields(rest)) == len(strings.Fields(s))-1 {
		// Without an "on" the word is a part of the name.
		return s, ""
	}
	return rest, strings.ToLower(word)
}

// workspacesFor lists the workspaces a new firm gets a channel in.
func (t *turn) workspacesFor(where string) ([]string, error) {
	all := t.makers()
	switch {
	case len(all) == 0:
		return nil, workflow.Refuse(workflow.Invalid, "Connect Slack or Mattermost first; a firm needs a channel.")
	case where == present.Both:
		// The own one first: the answer waits for it.
		slices.SortStableFunc(all, func(a, b string) int {
			switch t.in.Workspace {
			case a:
				return -1
			case b:
				return 1
			}
			return 0
		})
		return all, nil
	case where != "":
		if id := t.workspaceNamed(where); id != "" {
			return []string{id}, nil
		}
		return nil, workflow.RefuseField("where", "Choose one of %s, or both.", strings.Join(t.platformNames(), ", "))
	case slices.Contains(all, t.in.Workspace):
		return []string{t.in.Workspace}, nil
	default:
		return all[:1], nil
	}
}

// channelNamed tells whether a word names a channel, and gives its id or name; here is
// the channel it is said in.
func channelNamed(word, here string) (idOrName string, ok bool) {
	if strings.EqualFold(word, "here") {
		return here, true
	}
	name := strings.TrimLeft(word, "#~")
	return name, name != word && name != ""
}

// link gives a firm another channel: one that is made on another platform, or one that
// is there.
func (t *turn) link(ctx context.Context, rest string) (chat.Answer, error) {
	if err := workflow.Allowed(t.actor, workflow.AddContractor); err != nil {
		return chat.Answer{}, err
	}
	name, word := cutLast(rest)
	_, existing := channelNamed(word, t.in.Channel)
	workspace := t.workspaceNamed(word)
	if !existing && workspace == "" {
		name = rest
	}
	name, address := cutMailbox(name)
	var to mailbox
	if address != "" {
		var err error
		if to, err = t.mailboxOf(address); err != nil {
			return chat.Answer{}, err
		}
	}
	firm, err := t.firmFor(ctx, name)
	if err != nil {
		return chat.Answer{}, err
	}
	switch firm.State {
	case storage.ContractorOpening:
		return chat.Answer{}, t.takesOffers(firm)
	case storage.ContractorOffboarded:
		return chat.Answer{}, t.atWork(firm)
	}
	if to.ID != "" {
		return t.linkMailbox(ctx, firm, to)
	}
	if existing {
		return t.linkExisting(ctx, firm)
	}
	chans, err := t.tx.ListChannels(ctx, storage.ContractorChannel, firm.ID)
	if err != nil {
		return chat.Answer{}, fmt.Errorf("list the firm's channels: %w", err)
	}
	has := func(id string) bool {
		return slices.ContainsFunc(chans, func(c storage.Channel) bool { return c.Workspace == id })
	}
	if workspace == "" {
		free := slices.DeleteFunc(t.makers(), has)
		if len(free) != 1 {
			return chat.Answer{}, t.usageOf(linkUsage, "Say which channel: a name with #, here, or the platform on which to make one.")
		}
		workspace = free[0]
	}
	if has(workspace) {
		return chat.Answer{}, workflow.Refuse(workflow.Conflict, "%s has a channel on %s already. To link another one, name it: %s contractor link %s #channel.",
			present.FirmName(firm), platformName(workspace), t.present.Command, present.FirmName(firm))
	}
	return t.askForChannels(ctx, firm, []string{workspace})
}

const (
	linkUsage   = "contractor link NAME [#channel|here|PLATFORM|EMAIL]"
	unlinkUsage = "contractor unlink NAME #channel|here|PLATFORM|EMAIL"
)

// linkExisting links the channel that was looked up before the transaction.
func (t *turn) linkExisting(ctx context.Context, firm storage.Contractor) (chat.Answer, error) {
	p, ok := t.platform(t.in.Workspace)
	if !ok {
		return chat.Answer{}, workflow.Refuse(workflow.Invalid, "This works in a chat channel only.")
	}
	info := t.ready.channel
	if t.ready.err != nil {
		return chat.Answer{}, workflow.Refuse(workflow.NotFound, "There is no such channel that I am in. Add @%s to it, then say this again.", p.Self().Name)
	}
	if info.Archived {
		return chat.Answer{}, workflow.Refuse(workflow.Conflict, "%s is archived. Choose another channel.", info.Name)
	}
	old, err := t.tx.Channel(ctx, t.in.Workspace, info.ID)
	if err != nil && !errors.Is(err, storage.ErrNotFound) {
		return chat.Answer{}, fmt.Errorf("load a channel: %w", err)
	}
	switch {
	case old.Kind == storage.ContractorChannel && old.Contractor == firm.ID:
		return chat.Answer{}, workflow.Refuse(workflow.Conflict, "%s is a channel of %s already.", info.Name, present.FirmName(firm))
	case old.Contractor != "" && old.Contractor != firm.ID:
		// What one firm was told can be read in it.
		return chat.Answer{}, workflow.Refuse(workflow.Conflict, "%s is or was the channel of another firm. Choose one of its own for %s.", info.Name, present.FirmName(firm))
	case old.ID != "" && old.Kind == "" && desksOwn(old):
		return chat.Answer{}, workflow.Refuse(workflow.Conflict, "%s was the desk's own channel, and what is internal can be read in it. Choose another one for %s.", info.Name, present.FirmName(firm))
	case old.Kind != "":
		return chat.Answer{}, workflow.Refuse(workflow.Conflict, "%s is the desk's own %s channel. Choose another one for %s.", info.Name, old.Kind, present.FirmName(firm))
	case old.ID != "" && old.Contractor == "":
		// The desk's own people have talked in it.
		return chat.Answer{}, workflow.Refuse(workflow.Conflict, "%s was the desk's own channel. Choose another one for %s.", info.Name, present.FirmName(firm))
	}
	ch := storage.Channel{
		Workspace: t.in.Workspace, ID: info.ID, Kind: storage.ContractorChannel, Contractor: firm.ID,
		Name: info.Name, URL: info.URL, SyncedAt: t.now, CreatedAt: t.now,
	}
	if _, err := t.opened(ctx, firm, ch, nil); err != nil {
		return chat.Answer{}, err
	}
	t.committed = append(t.committed, t.places.forget)
	text := t.present.Linked(firm, ch, platformName(ch.Workspace)).
		Plain(" ").Plain(t.present.Say("Whoever is in %s and is not of the desk acts for the firm now.", ch.Name))
	if !info.Private {
		text = text.Plain(" ").Bold(t.present.Say("This channel is public: whoever joins it can act for the firm. Make it private unless you want that."))
	}
	return chat.Private(text), nil
}

// unlink takes a channel from a firm that has another one.
func (t *turn) unlink(ctx context.Context, rest string) (chat.Answer, error) {
	if err := workflow.Allowed(t.actor, workflow.AddContractor); err != nil {
		return chat.Answer{}, err
	}
	name, word := cutLast(rest)
	idOrName, named := channelNamed(word, t.in.Channel)
	workspace := t.workspaceNamed(word)
	if named {
		workspace = t.in.Workspace
	}
	if looksLikeAddress(word) {
		box, err := t.mailboxOf(word)
		if err != nil {
			return chat.Answer{}, err
		}
		named, workspace, idOrName = true, box.workspace, box.ID
	}
	if !named && workspace == "" {
		return chat.Answer{}, t.usageOf(unlinkUsage, "Say which channel.")
	}
	firm, err := t.firmToChange(ctx, name)
	if err != nil {
		return chat.Answer{}, err
	}
	chans, err := t.tx.ListChannels(ctx, storage.ContractorChannel, firm.ID)
	if err != nil {
		return chat.Answer{}, fmt.Errorf("list the firm's channels: %w", err)
	}
	at := slices.IndexFunc(chans, func(c storage.Channel) bool {
		return c.Workspace == workspace && (!named || c.ID == idOrName || c.Name == idOrName)
	})
	switch {
	case at < 0:
		return chat.Answer{}, workflow.Refuse(workflow.NotFound, "That is no channel of %s. %s contractor show %s lists them.", present.FirmName(firm), t.present.Command, present.FirmName(firm))
	case len(chans) == 1:
		return chat.Answer{}, workflow.Refuse(workflow.Conflict, "This is the only channel of %s. Link another one first, or off-board the firm.", present.FirmName(firm))
	}
	ch := chans[at]
	if err := t.closeChannel(ctx, firm, ch); err != nil {
		return chat.Answer{}, err
	}
	return chat.Private(t.present.Unlinked(firm, ch)), nil
}

// closeChannel ends what is shown and read in a firm's channel. Whose it was stays
// known, because what that firm was told can be read in it.
func (t *turn) closeChannel(ctx context.Context, firm storage.Contractor, ch storage.Channel) error {
	// Held from here on: what befalls it at the same time stays written down.
	ch, err := t.tx.Channel(ctx, ch.Workspace, ch.ID)
	if err != nil {
		return fmt.Errorf("load a channel: %w", err)
	}
	jobs, err := t.workOf(ctx, firm.ID, workflow.OutStatuses())
	if err != nil {
		return err
	}
	for _, i := range jobs {
		err := t.refresh(ctx, i.ID, func(c storage.Card) bool {
			return c.Kind == storage.AssignmentCard && c.Workspace == ch.Workspace && c.Channel == ch.ID
		})
		if err != nil {
			return err
		}
	}
	if err := t.tx.CloseCards(ctx, ch.Workspace, ch.ID); err != nil {
		return fmt.Errorf("close cards: %w", err)
	}
	if err := t.boardEnds(ctx, ch); err != nil {
		return err
	}
	ch.Kind = ""
	if err := t.saveChannel(ctx, ch); err != nil {
		return err
	}
	t.committed = append(t.committed, t.places.forget, t.threads.Purge)
	if err := t.channelGone(ctx, ch); err != nil {
		return err
	}
	err = t.record(ctx, "", workflow.Event{Kind: "contractor_unlinked", Data: map[string]string{"contractor": firm.ID, "channel": ch.ID}})
	if err != nil {
		return err
	}
	return t.enqueuePost(ctx, ch.Workspace, ch.ID, postPayload{Message: t.toFirm(firm).UnlinkedHere(), Last: true})
}

// workOf lists all of a firm's jobs in which it has an assignment of certain statuses,
// oldest first.
func (t *turn) workOf(ctx context.Context, firm string, statuses []workflow.Status) ([]storage.Issue, error) {
	var all []storage.Issue
	f := storage.IssueFilter{Contractor: firm, Assignment: statuses, Limit: jobsAtOnce}
	for {
		page, err := t.tx.ListIssues(ctx, f)
		if err != nil {
			return nil, fmt.Errorf("list the firm's work: %w", err)
		}
		all = append(all, page...)
		if len(page) < f.Limit {
			slices.Reverse(all)
			return all, nil
		}
		f.Before = page[len(page)-1].Number
	}
}

// fillSoon shows a firm's open jobs in a channel that is new, and looks again later for
// what was said meanwhile by those who did not know of it.
func (t *turn) fillSoon(ctx context.Context, ch storage.Channel) error {
	return t.fillNext(ctx, ch, fillPayload{Channel: ch.ID, First: true, Left: fillMost})
}

// fillNext shows some of a firm's open jobs in a channel, the newest of those that are left,
// and has the rest shown, and then looked at once more.
func (t *turn) fillNext(ctx context.Context, ch storage.Channel, pl fillPayload) error {
	budget := fillBudget{left: pl.Left, again: !pl.First}
	if budget.again {
		budget.left = fillMost
	}
	before, err := t.fillChannel(ctx, ch, pl.Before, &budget)
	if err != nil {
		return err
	}
	if before == 0 && budget.again {
		return nil
	}
	later := t.now
	next := fillPayload{Channel: ch.ID, First: pl.First, Before: before, Left: budget.left}
	if before == 0 {
		later, next = t.now.Add(settled), fillPayload{Channel: ch.ID}
	}
	return t.enqueueFill(ctx, ch.Workspace, next, later)
}

// enqueueFill has a channel looked at again at a moment.
func (t *turn) enqueueFill(ctx context.Context, workspace string, pl fillPayload, at time.Time) error {
	body, err := encode(pl)
	if err != nil {
		return err
	}
	// A lane of its own: one that waits would hold up the channel's.
	err = t.tx.Enqueue(ctx, storage.Delivery{
		Lane: storage.Lane{Workspace: workspace, Name: linkLane + pl.Channel}, Kind: deliverFill,
		Payload: body, NotBefore: at, CreatedAt: t.now, Trace: t.trace,
	})
	if err != nil {
		return fmt.Errorf("enqueue another look at a channel: %w", err)
	}
	return nil
}

const (
	// fillMost is how many comments are shown in a channel that is new, and
	// fillThreadMost in one thread: the newest.
	fillMost       = 2000
	fillThreadMost = 100
)

// fillBudget bounds how much is shown of what was said before. Again is true for a
// second look.
type fillBudget struct {
	left  int
	again bool
}

// fillChannel gives a firm's open jobs before a number their cards in a channel, where they
// have none, each with what was said in its thread. There may be too many for one
// transaction: those that are left come before the number that it returns, zero for none.
func (t *turn) fillChannel(ctx context.Context, ch storage.Channel, before int, budget *fillBudget) (left int, err error) {
	jobs, err := t.tx.ListIssues(ctx, storage.IssueFilter{Contractor: ch.Contractor, Assignment: workflow.OutStatuses(), Before: before, Limit: jobsAtOnce})
	if err != nil {
		return 0, fmt.Errorf("list the firm's work: %w", err)
	}
	if len(jobs) == jobsAtOnce {
		left = jobs[len(jobs)-1].Number
	}
	for _, i := range slices.Backward(jobs) {
		cards, err := t.cardsOf(ctx, i.ID)
		if err != nil {
			return 0, err
		}
		for _, a := range i.Assignments {
			if a.Contractor != ch.Contractor || !workflow.Out(a.Status) {
				continue
			}
			card := storage.Card{Kind: storage.AssignmentCard, Issue: i.ID, Assignment: a.ID, Workspace: ch.Workspace, Channel: ch.ID}
			at := slices.IndexFunc(cards, func(c storage.Card) bool {
				return c.Kind == card.Kind && c.Assignment == a.ID && c.Workspace == ch.Workspace && c.Channel == ch.ID
			})
			if at >= 0 {
				card = cards[at]
			} else if card, err = t.newCard(ctx, card); err != nil {
				return 0, err
			}
			if err := t.fillThread(ctx, card, budget); err != nil {
				return 0, err
			}
		}
	}
	return left, nil
}

// fillThread enqueues the mirrors that are missing in a card's thread, in order. It is
// done in the transaction that makes the thread, so that nothing newer goes first.
func (t *turn) fillThread(ctx context.Context, card storage.Card, budget *fillBudget) error {
	shown, err := t.tx.ListMirrors(ctx, "", card.ID)
	if err != nil {
		return fmt.Errorf("list the mirrors at a card: %w", err)
	}
	there := map[string]bool{}
	for _, m := range shown {
		there[m.Comment] = true
	}
	all, err := t.tx.ListComments(ctx, storage.CommentFilter{Issue: card.Issue, Assignment: card.Assignment})
	if err != nil {
		return fmt.Errorf("list comments: %w", err)
	}
	if first := slices.IndexFunc(all, func(c storage.Comment) bool { return there[c.ID] }); budget.again && first > 0 {
		// What is older was left out on purpose, and would stand at the end now.
		all = all[first:]
	}
	cards, err := t.cardsOf(ctx, card.Issue)
	if err != nil {
		return err
	}
	missing := slices.DeleteFunc(all, func(c storage.Comment) bool {
		return there[c.ID] || c.Held || !c.DeletedAt.IsZero() || !t.mirrorsAt(c, card, cards)
	})
	if earlier := len(missing) - min(fillThreadMost, budget.left); earlier > 0 {
		missing = missing[earlier:]
		if !budget.again {
			err := t.enqueuePost(ctx, card.Workspace, card.Channel, postPayload{Thread: card.ID, Message: t.present.Earlier(earlier)})
			if err != nil {
				return err
			}
		}
	}
	budget.left -= len(missing)
	for _, c := range missing {
		if err := t.enqueueMirror(ctx, c.ID, card); err != nil {
			return err
		}
	}
	return nil
}

// fillPayload names the channel that is filled, and the number before which its jobs are
// left, zero for all of them. First is set until it was gone through once, with how many
// comments may still be shown.
type fillPayload struct {
	Channel string
	First   bool `json:",omitempty"`
	Before  int  `json:",omitempty"`
	Left    int  `json:",omitempty"`
}

// lookAgain shows in a channel that was linked what is left, or what was missed. What is
// there stays as it is.
func (e *Engine) lookAgain(ctx context.Context, d storage.Delivery) error {
	pl, err := payload[fillPayload](d)
	if err != nil {
		return err
	}
	return e.delivered(ctx, d, func(t *turn) error {
		ch, err := t.tx.Channel(ctx, d.Lane.Workspace, pl.Channel)
		if errors.Is(err, storage.ErrNotFound) || err == nil && ch.Kind != storage.ContractorChannel {
			return nil
		}
		if err != nil {
			return fmt.Errorf("load a channel: %w", err)
		}
		return t.fillNext(ctx, ch, pl)
	})
}
