package bot

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"taskbridge/bot/chat"
	"taskbridge/bot/present"
	"taskbridge/storage"
	"taskbridge/workflow"
)

// maxName is the longest city or company name.
const maxName = 100

// here makes the channel it is typed in the desk's operations or managers' channel.
func (t *turn) here(ctx context.Context, rest string) (chat.Answer, error) {
	if err := workflow.Allowed(t.actor, workflow.SetUp); err != nil {
		return chat.Answer{}, err
	}
	kind := storage.ChannelKind(strings.ToLower(strings.TrimSpace(rest)))
	if kind != storage.OperationsChannel && kind != storage.ManagersChannel {
		return chat.Answer{}, t.usage("Say what this channel is for.")
	}
	if t.place != nil && t.place.Contractor != "" {
		return chat.Answer{}, workflow.Refuse(workflow.Invalid, "This channel belongs to a contractor. Use a channel of your own people.")
	}
	p, ok := t.platform(t.in.Workspace)
	if !ok {
		return chat.Answer{}, workflow.Refuse(workflow.Invalid, "This works in a chat channel only.")
	}
	if t.ready.err != nil {
		return chat.Answer{}, workflow.Refuse(workflow.Invalid, "I am not in this channel. Add @%s to it, then say this again.", p.Self().Name)
	}
	if t.ready.channel.Shared {
		return chat.Answer{}, sharedChannel()
	}
	if err := t.retireChannels(ctx, kind); err != nil {
		return chat.Answer{}, err
	}
	if err := t.putChannel(ctx, kind, t.in.Workspace, t.ready.channel); err != nil {
		return chat.Answer{}, err
	}
	shown, more := 0, false
	if kind == storage.OperationsChannel {
		var err error
		if shown, more, err = t.showOpenIssues(ctx); err != nil {
			return chat.Answer{}, err
		}
	}
	text := chat.T(t.present.Say("This is now the operations channel. Its full members are operators: they create, assign and approve jobs. %s help shows what they can do.", t.present.Command))
	if kind == storage.ManagersChannel {
		text = chat.T(t.present.Say("This is now the managers channel. Its full members are managers: they read lists and summaries. %s help shows what they can do.", t.present.Command))
	}
	switch {
	case shown == 1:
		text = text.Plain(" " + t.present.Say("The open job gets its card here."))
	case shown > 1:
		text = text.Plain(" " + t.present.Say("%d open jobs get their cards here.", shown))
	}
	if more {
		text = text.Plain(" " + t.present.Say("There are more than %d open jobs; %s list open shows the older ones, too.", shownAtOnce, t.present.Command))
	}
	if !t.ready.channel.Private {
		text = text.Plain(" ").Bold(t.present.Say("This channel is public: whoever joins it gets these rights. Make it private unless you want that."))
	}
	if len(t.ready.guests) > 0 {
		text = text.Plain(" ").Bold(t.guestsRead(t.ready.guests))
	}
	return chat.Private(text), nil
}

// retireChannels takes their kind from the other channels of the workspace that have it.
// Two who do so at once wait for each other, so that the second finds what the first has
// made: there is one in each workspace.
func (t *turn) retireChannels(ctx context.Context, kind storage.ChannelKind) error {
	if _, err := t.tx.Setting(ctx, "channel/"+string(kind)); err != nil && !errors.Is(err, storage.ErrNotFound) {
		return fmt.Errorf("hold the desk's channels: %w", err)
	}
	old, err := t.tx.ListChannels(ctx, kind, "")
	if err != nil {
		return fmt.Errorf("list channels: %w", err)
	}
	for _, c := range old {
		if c.Workspace != t.in.Workspace || c.ID == t.in.Channel {
			continue
		}
		// Something else may befall it right now, which has to stay written down.
		if c, err = t.tx.Channel(ctx, c.Workspace, c.ID); err != nil {
			return fmt.Errorf("load a channel: %w", err)
		}
		c.Kind = ""
		if err := t.saveChannel(ctx, c); err != nil {
			return err
		}
	}
	return nil
}

// shownAtOnce is how many open issues a new operations channel gets the cards of:
// Slack takes about one message a second.
const shownAtOnce = 300

// showOpenIssues gives the newest open issues their cards in operations channels that
// have none of them yet, and tells how many, and whether there are more open ones. Older
// cards stay and stay true.
func (t *turn) showOpenIssues(ctx context.Context) (shown int, more bool, err error) {
	open, _ := listFilter("open")
	open.Limit = shownAtOnce + 1
	list, err := t.tx.ListIssues(ctx, open)
	if err != nil {
		return 0, false, fmt.Errorf("list issues: %w", err)
	}
	if more = len(list) > shownAtOnce; more {
		list = list[:shownAtOnce]
	}
	// The oldest goes first, as when they were made.
	for _, i := range slices.Backward(list) {
		cards, err := t.cardsOf(ctx, i.ID)
		if err != nil {
			return shown, more, err
		}
		here := func(c storage.Card) bool {
			return c.Kind == storage.IssueCard && c.Workspace == t.in.Workspace && c.Channel == t.in.Channel
		}
		if slices.ContainsFunc(cards, here) {
			continue
		}
		if _, err := t.newCard(ctx, storage.Card{Kind: storage.IssueCard, Issue: i.ID, Workspace: t.in.Workspace, Channel: t.in.Channel}); err != nil {
			return shown, more, err
		}
		shown++
	}
	t.committed = append(t.committed, t.issueCards.Purge)
	return shown, more, nil
}

func (t *turn) putChannel(ctx context.Context, kind storage.ChannelKind, workspace string, info chat.ChannelInfo) error {
	c := storage.Channel{
		Workspace: workspace, ID: info.ID, Kind: kind, Name: info.Name, URL: info.URL,
		CreatedAt: t.now, SyncedAt: t.now,
	}
	switch old, err := t.tx.Channel(ctx, workspace, info.ID); {
	case errors.Is(err, storage.ErrNotFound):
	case err != nil:
		return fmt.Errorf("load a channel: %w", err)
	case holdsThreads(old):
		// What was said there and not heard yet is still to be looked for.
		c.CreatedAt, c.SyncedAt = old.CreatedAt, old.SyncedAt
	}
	if err := t.saveChannel(ctx, c); err != nil {
		return err
	}
	if err := t.tx.Resume(ctx, channelLane(workspace, info.ID)); err != nil {
		return fmt.Errorf("resume a lane: %w", err)
	}
	t.committed = append(t.committed, t.places.forget)
	return t.record(ctx, "", workflow.Event{Kind: "channel_set", Data: map[string]string{"channel": info.ID, "kind": string(kind)}})
}

// addContractor makes a firm and asks for its channel: here, or on the platforms that
// where names.
func (t *turn) addContractor(ctx context.Context, city, company, where string) (chat.Answer, error) {
	if err := workflow.Allowed(t.actor, workflow.AddContractor); err != nil {
		return chat.Answer{}, err
	}
	city, company = strings.Join(strings.Fields(city), " "), strings.Join(strings.Fields(company), " ")
	switch {
	case city == "" || len([]rune(city)) > maxName:
		return chat.Answer{}, workflow.RefuseField("city", "Give the city in up to %d characters.", maxName)
	case company == "" || len([]rune(company)) > maxName:
		return chat.Answer{}, workflow.RefuseField("company", "Give the company's name in up to %d characters.", maxName)
	}
	all, err := t.tx.ListContractors(ctx)
	if err != nil {
		return chat.Answer{}, fmt.Errorf("list contractors: %w", err)
	}
	var opening *storage.Contractor
	for _, c := range all {
		if strings.EqualFold(c.City, city) && strings.EqualFold(c.Company, company) && c.State != storage.ContractorOffboarded {
			if c.State != storage.ContractorOpening {
				return t.alreadyThere(ctx, c)
			}
			// Its channel could not be made, or is not made yet: asking again is
			// trying again.
			opening = &c
		}
	}
	var workspaces []string
	var box mailbox
	if looksLikeAddress(where) {
		box, err = t.mailboxOf(where)
	} else {
		workspaces, err = t.workspacesFor(where)
	}
	if err != nil {
		return chat.Answer{}, err
	}
	if opening != nil && box.ID != "" {
		return t.linkMailbox(ctx, *opening, box)
	}
	if opening != nil {
		return t.askForChannels(ctx, *opening, workspaces)
	}
	c := storage.Contractor{ID: newID(), City: city, Company: company, State: storage.ContractorOpening, CreatedAt: t.now}
	if box.ID != "" {
		// Before anything is written.
		if err := t.mayHaveMailbox(ctx, c, box); err != nil {
			return chat.Answer{}, err
		}
	}
	if err := t.tx.InsertContractor(ctx, c); err != nil {
		return chat.Answer{}, fmt.Errorf("insert a contractor: %w", err)
	}
	if err := t.record(ctx, "", workflow.Event{Kind: "contractor_added", Data: map[string]string{"contractor": c.ID, "name": present.FirmName(c)}}); err != nil {
		return chat.Answer{}, err
	}
	if box.ID != "" {
		return t.linkMailbox(ctx, c, box)
	}
	return t.askForChannels(ctx, c, workspaces)
}

// moveFirm says that a firm is in another city. Its figures come along (ADR 31), its channels
// keep their names, by which people know them.
func (t *turn) moveFirm(ctx context.Context, rest string) (chat.Answer, error) {
	if err := workflow.Allowed(t.actor, workflow.MoveContractor); err != nil {
		return chat.Answer{}, err
	}
	name, city, err := t.cutFirm(ctx, rest)
	if err != nil {
		return chat.Answer{}, err
	}
	if city == "" {
		return chat.Answer{}, t.usageOf("contractor move NAME CITY", "Write the firm and the city where it is now.")
	}
	firm, err := t.firmToChange(ctx, name)
	if err == nil {
		err = t.atWork(firm)
	}
	if err != nil {
		return chat.Answer{}, err
	}
	if city = strings.Join(strings.Fields(city), " "); len([]rune(city)) > maxName {
		return chat.Answer{}, workflow.RefuseField("city", "Give the city in up to %d characters.", maxName)
	}
	all, err := t.tx.ListContractors(ctx)
	if err != nil {
		return chat.Answer{}, fmt.Errorf("list contractors: %w", err)
	}
	was := firm.City
	firm.City = city
	for _, c := range all {
		if strings.EqualFold(c.City, city) && strings.EqualFold(c.Company, firm.Company) && c.State != storage.ContractorOffboarded && (c.ID != firm.ID || was == city) {
			return chat.Answer{}, workflow.Refuse(workflow.Conflict, "%s is here already.", present.FirmName(firm))
		}
	}
	if err := t.tx.SaveContractor(ctx, firm); err != nil {
		return chat.Answer{}, fmt.Errorf("save a contractor: %w", err)
	}
	// Every replica forgets what it remembers of the firm.
	if err := t.tx.ChangeAccess(ctx); err != nil {
		return chat.Answer{}, fmt.Errorf("tell of a firm's city: %w", err)
	}
	t.committed = append(t.committed, t.roster.changed(ctx))
	err = t.record(ctx, "", workflow.Event{Kind: present.EventFirmCity, Data: map[string]string{"contractor": firm.ID, "before": was, "after": city}})
	if err != nil {
		return chat.Answer{}, err
	}
	return chat.Private(chat.T(t.present.Say("The firm is %s now, and its past counts there. Its channels keep their names.", present.FirmName(firm)))), nil
}

// askForChannels enqueues the making of a firm's channels and waits for the first.
func (t *turn) askForChannels(ctx context.Context, c storage.Contractor, workspaces []string) (chat.Answer, error) {
	for _, workspace := range workspaces {
		who := t.asker()
		err := t.enqueue(ctx, storage.Lane{Workspace: workspace, Name: firmLane + c.ID}, deliverChannel,
			channelPayload{Contractor: c.ID, Asker: who})
		if err != nil {
			return chat.Answer{}, err
		}
		if t.await == nil {
			t.await = t.outcomes.expect(who.Ref)
		}
	}
	a := chat.Private(chat.T(t.present.Say("Setting up %s; the link to its channel follows in a moment.", present.FirmName(c))))
	a.Subject = c.ID
	return a, nil
}

func (t *turn) alreadyThere(ctx context.Context, c storage.Contractor) (chat.Answer, error) {
	chans, err := t.tx.ListChannels(ctx, storage.ContractorChannel, c.ID)
	if err != nil {
		return chat.Answer{}, fmt.Errorf("list the firm's channels: %w", err)
	}
	text := chat.T(t.present.Say("%s is here already.", present.FirmName(c)))
	if len(chans) > 0 {
		var links chat.Text
		for n, ch := range chans {
			if n > 0 {
				links = links.Plain(", ")
			}
			links = links.Link(ch.Name, ch.URL)
		}
		text = t.present.Text("{{.Firm}} is here already; its channel is {{.Channels}}.", present.With{"Firm": present.FirmName(c), "Channels": links})
	}
	a := chat.Private(text)
	a.Refused = string(workflow.Conflict)
	return a, nil
}

// invitationSending is the state of an invitation that is in the outbox.
const invitationSending = "sending"

// invite asks people into a firm's channel. The firm is named, or it is the one
// whose channel this is, or the only one there is.
func (t *turn) invite(ctx context.Context, rest string) (chat.Answer, error) {
	if err := workflow.Allowed(t.actor, workflow.Invite); err != nil {
		return chat.Answer{}, err
	}
	const usage = "contractor invite [CONTRACTOR] EMAIL… [on PLATFORM]"
	var addresses, name []string
	for w := range strings.FieldsSeq(rest) {
		if strings.Contains(w, "@") {
			addresses = append(addresses, strings.Trim(w, ",;<>"))
		} else {
			name = append(name, w)
		}
	}
	if len(addresses) == 0 {
		return chat.Answer{}, t.usageOf(usage, "Say whom to invite.")
	}
	if len(addresses) > 20 {
		return chat.Answer{}, workflow.Refuse(workflow.Invalid, "Invite at most 20 people at once.")
	}
	if called, mail := cutByMail(strings.Join(name, " ")); mail && len(addresses) == 1 {
		return t.link(ctx, called+" "+addresses[0])
	}
	called, workspace := t.cutPlatform(strings.Join(name, " "))
	firm, err := t.firmAtWork(ctx, called)
	if err != nil {
		return chat.Answer{}, err
	}
	ch, err := t.firmChannel(ctx, firm, workspace)
	if err != nil {
		return chat.Answer{}, err
	}
	var last asker
	for _, address := range addresses {
		inv := storage.Invitation{
			ID: newID(), Contractor: firm.ID, Workspace: ch.Workspace, Channel: ch.ID,
			Address: address, State: invitationSending, At: t.now,
		}
		if err := t.wantPerson(ctx, firm, ch.Workspace, address); err != nil {
			return chat.Answer{}, err
		}
		last = t.asker()
		if err := t.sendInvitation(ctx, inv, last); err != nil {
			return chat.Answer{}, err
		}
	}
	if len(addresses) == 1 {
		t.await = t.outcomes.expect(last.Ref)
	}
	return chat.Private(chat.T(t.present.Say("Inviting %s to %s. %s contractor show %s tells how it went.", strings.Join(addresses, ", "), present.FirmName(firm), t.present.Command, present.FirmName(firm)))), nil
}

// firmChannel is the firm's channel in the workspace that was named; else the one that
// this is said in or in whose workspace it is said; else its first.
func (t *turn) firmChannel(ctx context.Context, firm storage.Contractor, workspace string) (storage.Channel, error) {
	chans, err := t.tx.ListChannels(ctx, storage.ContractorChannel, firm.ID)
	if err != nil {
		return storage.Channel{}, fmt.Errorf("list the firm's channels: %w", err)
	}
	if len(chans) == 0 {
		return storage.Channel{}, workflow.Refuse(workflow.Conflict, "The channel of %s is not ready yet. Try again in a minute.", present.FirmName(firm))
	}
	best, rank := chans[0], 0
	for _, c := range chans {
		r := 0
		switch {
		case workspace != "" && c.Workspace != workspace:
		case c.Workspace == t.in.Workspace && c.ID == t.in.Channel:
			r = 3
		case c.Workspace == t.in.Workspace:
			r = 2
		case workspace != "":
			r = 1
		}
		if r > rank {
			best, rank = c, r
		}
	}
	if workspace != "" && rank == 0 {
		return storage.Channel{}, workflow.Refuse(workflow.NotFound, "%s has no channel on %s. Link one first: %s contractor link %s %s.",
			present.FirmName(firm), platformName(workspace), t.present.Command, present.FirmName(firm), platformOf(workspace))
	}
	return best, nil
}

// setFirmState pauses a firm or lets it go on.
func (t *turn) setFirmState(ctx context.Context, name string, to storage.ContractorState) (chat.Answer, error) {
	if err := workflow.Allowed(t.actor, workflow.PauseContractor); err != nil {
		return chat.Answer{}, err
	}
	firm, err := t.firmToChange(ctx, name)
	if err == nil {
		err = t.atWork(firm)
	}
	if err != nil {
		return chat.Answer{}, err
	}
	if firm.State == storage.ContractorOpening || firm.State == storage.ContractorLeaving {
		return chat.Answer{}, t.takesOffers(firm)
	}
	said := t.present.Say("%s gets no new offers until you resume it.", present.FirmName(firm))
	if to == storage.ContractorActive {
		said = t.present.Say("%s gets offers again.", present.FirmName(firm))
	}
	firm.State = to
	if err := t.tx.SaveContractor(ctx, firm); err != nil {
		return chat.Answer{}, fmt.Errorf("save a contractor: %w", err)
	}
	if err := t.record(ctx, "", workflow.Event{Kind: "contractor_" + string(to), Data: map[string]string{"contractor": firm.ID}}); err != nil {
		return chat.Answer{}, err
	}
	return chat.Private(chat.T(said)), nil
}
