package bot

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"taskbridge/bot/chat"
	"taskbridge/bot/present"
	"taskbridge/storage"
	"taskbridge/workflow"
)

// usualDemands are what the desk asks of work of which it asks nothing in particular.
func (t *turn) usualDemands() workflow.Demands {
	usual := t.settings.Approval.Evidence
	var d workflow.Demands
	if usual.Effort {
		d.Effort = workflow.Required
	}
	if usual.Costs {
		d.Costs = workflow.Required
	}
	d.Evidence = int(usual.Photos)
	return d
}

// holds tells whether what is said about an assignment waits for the end of its
// approval.
func (t *turn) holds(a workflow.Assignment) bool {
	return a.Status == workflow.WaitingApproval && t.settings.Approval.Hold
}

// workFacts tell a command what is true outside of its issue.
func (t *turn) workFacts(ctx context.Context, i storage.Issue, cmd *workflow.Command) error {
	if err := t.limitFacts(ctx, i, cmd); err != nil {
		return err
	}
	if err := t.paperFacts(ctx, i, cmd); err != nil {
		return err
	}
	switch cmd.Verb {
	case workflow.Step, workflow.Demand:
		cmd.Steps = t.settings.Steps
	case workflow.HoldWork, workflow.Check, workflow.AskApproval:
		// These moments are kept in documents, and compared with those in columns.
		cmd.At, cmd.Till = cmd.At.Truncate(time.Microsecond), cmd.Till.Truncate(time.Microsecond)
	case workflow.Submit:
		files, err := t.evidence(ctx, t.tx, i, cmd.Assignment)
		cmd.Evidence = len(files)
		return err
	}
	return nil
}

// more does what was chosen from the select of a firm's card.
func (t *turn) more(ctx context.Context, i storage.Issue, cmd workflow.Command, choice string) (chat.Answer, error) {
	step, isStep := strings.CutPrefix(choice, present.ChosenStep)
	switch {
	case choice == present.ChosenPause:
		cmd.Verb = workflow.HoldWork
		return t.form(ctx, i, cmd)
	case choice == present.ChosenAsk:
		cmd.Verb = workflow.AskApproval
		return t.form(ctx, i, cmd)
	case choice == present.ChosenUnask:
		cmd.Verb = workflow.WithdrawRequest
		return t.doneWith(ctx, i, cmd)
	case choice == present.ChosenCharge:
		cmd.Verb = workflow.TakeCharge
		return t.doneWith(ctx, i, cmd)
	case !isStep:
		return chat.Answer{}, workflow.Refuse(workflow.Invalid, "There is no such choice on this card any more: look at the card again.")
	}
	cmd.Verb, cmd.Step = workflow.Step, step
	if workflow.NeedsWindow(t.settings.Steps, step) {
		return t.form(ctx, i, cmd)
	}
	return t.doneWith(ctx, i, cmd)
}

func (t *turn) doneWith(ctx context.Context, i storage.Issue, cmd workflow.Command) (chat.Answer, error) {
	i, err := t.apply(ctx, i, cmd)
	if err != nil {
		return chat.Answer{}, err
	}
	return t.done(i, cmd.Verb), nil
}

// chooseWork reads what was chosen where no form could be opened. arg is what the
// choice was made for.
func chooseWork(i storage.Issue, cmd *workflow.Command, arg, choice string) error {
	switch cmd.Verb {
	case workflow.Step:
		from, till, _ := strings.Cut(choice, "/")
		cmd.Step = arg
		var err error
		if cmd.From, err = time.Parse(time.RFC3339, from); err == nil {
			cmd.Till, err = time.Parse(time.RFC3339, till)
		}
		if err != nil {
			return otherVersion()
		}
	case workflow.HoldWork:
		cmd.Reason = choice
	case workflow.Check:
		a, ok := workflow.Find(i.Issue, cmd.Assignment)
		if ok {
			cmd.Tick, cmd.Untick, ok = present.Turned(arg, i.Demands, a, choice)
		}
		if !ok {
			return checklistChanged()
		}
	}
	return nil
}

// fillWork reads the values of a form about the work.
func (t *turn) fillWork(i storage.Issue, cmd *workflow.Command, arg string, v map[string]string) (err error) {
	switch cmd.Verb {
	case workflow.Step:
		cmd.Step = arg
		if v["from"] == "" {
			return workflow.RefuseField("from", "Say when the work is planned.")
		}
		if cmd.From, err = parseWhen(v["from"], t.now, t.zone); err != nil {
			return inField("from", err)
		}
		cmd.Till, err = parseEnd(v["till"], cmd.From, t.zone)
		return inField("till", err)
	case workflow.HoldWork:
		cmd.Reason, cmd.Text = v["reason"], v["text"]
		if v["until"] != "" {
			cmd.Till, err = parseWhen(v["until"], t.now, t.zone)
		}
		return inField("until", err)
	case workflow.Check:
		a, ok := workflow.Find(i.Issue, cmd.Assignment)
		if ok {
			cmd.Tick, cmd.Untick, ok = present.Ticks(arg, i.Demands, a, v)
		}
		if !ok {
			return checklistChanged()
		}
	case workflow.Demand:
		if arg != present.DemandsMark(i.Demands) {
			return workflow.Refuse(workflow.Conflict, "Meanwhile somebody else changed this. Copy yours, close the form and open it again.")
		}
		v = asShown(t.present.Demands(t.asked(), present.Job{Issue: i, Steps: t.settings.Steps}), v)
		if cmd.Demands, err = parseDemands(v, i.Demands); err == nil {
			err = t.callable(cmd.Demands)
		}
		return err
	}
	return nil
}

// parseEnd reads the end of a window: a time of the day it begins on, or a moment or
// length counted from its beginning.
func parseEnd(text string, from time.Time, zone *time.Location) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	if at, err := parseWhen(from.In(zone).Format("2006-01-02")+" "+text, from, zone); err == nil {
		return at, nil
	}
	return parseWhen(text, from, zone)
}

func checklistChanged() *workflow.Refusal {
	return workflow.Refuse(workflow.Conflict, "The desk changed the checklist: close this and open it again.")
}

// parseDemands reads what the work has to bring from a form, that showed the former ones.
func parseDemands(v map[string]string, former workflow.Demands) (workflow.Demands, error) {
	d := workflow.Demands{
		Checklist: parseChecklist(v["checklist"], former.Checklist),
		Effort:    parseRule(v["effort"]), Costs: parseRule(v["costs"]),
		Materials: parseRule(v["materials"]), Activity: parseRule(v["activity"]),
		Kind: strings.Join(strings.Fields(v["kind"]), " "), Steps: parseList(v["steps"]), Certificates: parseList(v["certificates"]),
	}
	if v["evidence"] != "" {
		n, err := strconv.Atoi(v["evidence"])
		if err != nil {
			return d, workflow.RefuseField("evidence", "Write a number from 0 to %d.", workflow.MaxEvidence)
		}
		d.Evidence = n
	}
	return d, nil
}

// parseChecklist reads an item from each line; one that begins with ! is required, and
// one that ends with => and a name calls the webhook of that name. A text that was there
// before with such a mark in it, as only a file can bring one, stays what it is.
func parseChecklist(text string, former []workflow.Item) []workflow.Item {
	var items []workflow.Item
	for line := range strings.Lines(text) {
		line, required := strings.CutPrefix(strings.TrimSpace(line), "!")
		text, calls := line, ""
		known := strings.Join(strings.Fields(line), " ")
		if at := strings.LastIndex(line, workflow.CallsMark); at >= 0 && !slices.ContainsFunc(former, func(i workflow.Item) bool { return i.Calls == "" && i.Text == known }) {
			text, calls = line[:at], line[at+len(workflow.CallsMark):]
		}
		if text = strings.Join(strings.Fields(text), " "); text != "" {
			items = append(items, workflow.Item{Text: text, Required: required, Calls: strings.TrimSpace(calls)})
		}
	}
	return items
}

func parseRule(s string) workflow.Rule {
	if s == "optional" {
		return workflow.Optional
	}
	return workflow.Rule(s)
}

func parseList(text string) []string {
	var out []string
	for part := range strings.SplitSeq(text, ",") {
		if part = strings.Join(strings.Fields(part), " "); part != "" {
			out = append(out, part)
		}
	}
	return out
}

func (t *turn) cmdPause(ctx context.Context, rest string) (chat.Answer, error) {
	i, rest, err := t.issueIn(ctx, workflow.HoldWork, rest)
	if err != nil {
		return chat.Answer{}, err
	}
	if rest != "" {
		return chat.Answer{}, t.usage("The form asks for the reason.")
	}
	cmd := workflow.Command{Verb: workflow.HoldWork, At: t.now}
	if cmd.Assignment, err = workflow.Target(i.Issue, t.actor, cmd); err != nil {
		return chat.Answer{}, err
	}
	return t.form(ctx, i, cmd)
}

func (t *turn) cmdRequire(ctx context.Context, rest string) (chat.Answer, error) {
	i, rest, err := t.issueIn(ctx, workflow.Demand, rest)
	if err != nil {
		return chat.Answer{}, err
	}
	if rest != "" {
		return chat.Answer{}, t.usage("The form asks for the rest.")
	}
	return t.form(ctx, i, workflow.Command{Verb: workflow.Demand, At: t.now})
}

// completionByThread reads the completion from the firm's replies where no form
// could be opened, as far as the desk demands one: lines such as "costs: 40 EUR".
func (t *turn) completionByThread(ctx context.Context, i storage.Issue, assignment string) (workflow.Completion, error) {
	d := i.Demands
	if !slices.Contains([]workflow.Rule{d.Effort, d.Costs, d.Materials, d.Activity}, workflow.Required) {
		return workflow.Completion{}, nil
	}
	v, err := t.threadLines(ctx, i, assignment, "", time.Time{})
	if err != nil {
		return workflow.Completion{}, err
	}
	done := workflow.Completion{Activity: v["kind of work"]}
	if done.Effort, err = parseEffort(v["effort"]); err != nil {
		return done, err
	}
	if done.Costs, err = workflow.ParseCosts(v["costs"]); err != nil {
		return done, err
	}
	done.Materials, err = workflow.ParseMaterials(v["materials"])
	return done, err
}

// threadLines are what a firm wrote into its thread as "name: value", the last of each.
// What was written up to a moment is left out, and so is what stands before the last
// comment that has the line called first: it was said of something else.
func (t *turn) threadLines(ctx context.Context, i storage.Issue, assignment, first string, after time.Time) (map[string]string, error) {
	list, err := t.tx.ListComments(ctx, storage.CommentFilter{Issue: i.ID, Visibility: workflow.Shared, Assignment: assignment})
	if err != nil {
		return nil, fmt.Errorf("list comments: %w", err)
	}
	v := map[string]string{}
	for _, c := range list {
		if c.Author.Side != string(workflow.WithContractor) || !c.DeletedAt.IsZero() || !c.CreatedAt.After(after) && !c.EditedAt.After(after) {
			continue
		}
		own := map[string]string{}
		for line := range strings.Lines(c.Text) {
			name, value, ok := strings.Cut(line, ":")
			if ok {
				own[strings.ToLower(strings.TrimSpace(name))] = strings.TrimSpace(value)
			}
		}
		if _, anew := own[first]; anew && first != "" {
			clear(v)
		}
		maps.Copy(v, own)
	}
	return v, nil
}

// asShown gives the fields that a form did not send the values that it was to show: a
// platform's form leaves out what it cannot hold, and says that it stays as it is.
func asShown(f *chat.Form, v map[string]string) map[string]string {
	all := map[string]string{}
	for _, field := range f.Fields {
		all[field.Name] = field.Value
	}
	maps.Copy(all, v)
	return all
}
