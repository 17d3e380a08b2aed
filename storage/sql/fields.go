package sqlstore

import "taskbridge/storage"

// The functions here list a record's fields in the order of its columns, as
// pointers that serve as arguments and as destinations alike, so that a column
// cannot be written from one field and read into another.

// wide is room for the fields of the widest tables and for what is added to them.
const wide = 64

func issueFields(i *storage.Issue) []any {
	return append(make([]any, 0, wide),
		&i.ID, &i.Number, &i.Status, &i.LiesWith, &i.Revision, at(&i.CreatedAt), at(&i.ClosedAt),
		at(&i.RemindAt), &i.RemindSet, at(&i.DueAt), &i.Overdue, asJSON(&i.External), &i.WasAccepted,
		&i.LastBy, &i.LastVerb, &i.Title, &i.Description, &i.Topic, &i.Priority, &i.Place, &i.Customer,
		&i.ExternalRef, &i.URL, &i.CreatedBy.ID, &i.CreatedBy.Name, &i.SourceURL,
		asJSON(&i.Demands), asJSON(&i.Chain),
		at(&i.EscalateAt), &i.SeenBy.ID, &i.SeenBy.Name, asJSON(&i.Line), asJSON(&i.Request),
	)
}

func assignmentFields(a *storage.Assignment) []any {
	return append(make([]any, 0, wide),
		&a.ID, &a.Contractor, &a.Status, &a.Revision, &a.InCharge.ID, &a.InCharge.Name, &a.Step,
		at(&a.StepFrom), at(&a.StepTo), at(&a.Terms.AcceptBy), &a.Terms.Note, at(&a.WarnAt),
		&a.DeclinedReason, &a.DeclinedText, &a.SendBackReason, &a.Completion.Note, &a.Completion.Effort,
		&a.Completion.Costs, at(&a.CreatedAt), at(&a.OfferedAt), at(&a.AnsweredAt), at(&a.StartedAt),
		at(&a.SubmittedAt), at(&a.EndedAt), &a.LastBy, &a.LastVerb,
		&a.SendBacks, at(&a.SentBackAt), &a.Rating.Stars, &a.Rating.Text, &a.Rating.Shared, at(&a.Rating.At),
		&a.Rating.By.ID, &a.Rating.By.Name, &a.Rating.Asked,
		asJSON(&a.Pause), asJSON(&a.Ticks), &a.Completion.Materials, &a.Completion.Activity,
		(*int64)(&a.Terms.Within), at(&a.Terms.Due),
		&a.Terms.Price, &a.Terms.Limit, asJSON(&a.Was), asJSON(&a.Counter),
		at(&a.CountAt), asJSON(&a.Clocks), asJSON(&a.Request),
		asJSON(&a.Consent), (*int64)(&a.Terms.DueIn), &a.Granted, asJSON(&a.Knew),
	)
}

func commentFields(c *storage.Comment) []any {
	return []any{
		&c.ID, &c.Issue, &c.Assignment, &c.Visibility, &c.Author.ID, &c.Author.Name, &c.Author.Side,
		&c.Text, at(&c.CreatedAt), at(&c.EditedAt), at(&c.DeletedAt), &c.DeletedBy, &c.Held, &c.Orphan,
		&c.Source.Platform, &c.Source.Workspace, &c.Source.Channel, &c.Source.Thread, &c.Source.Message,
		asJSON(&c.Files), &c.Rich,
	}
}

func contractorFields(c *storage.Contractor) []any {
	return []any{&c.ID, &c.City, &c.Company, &c.State, &c.Calendar, at(&c.CreatedAt), asJSON(&c.Topics)}
}

func experienceFields(e *storage.Experience) []any {
	return []any{&e.Contractor, &e.Done, &e.Taken, &e.Declined}
}

func invitationFields(i *storage.Invitation) []any {
	return []any{
		&i.ID, &i.Contractor, &i.Workspace, &i.Channel, &i.Address, &i.External, &i.State, &i.Note, at(&i.At),
	}
}

func firmPersonFields(p *storage.FirmPerson) []any {
	return []any{&p.ID, &p.Contractor, &p.Workspace, &p.Person, &p.Address, &p.Name, &p.Role, &p.Standing, &p.Present, at(&p.At)}
}

func channelFields(c *storage.Channel) []any {
	return []any{
		&c.Workspace, &c.ID, &c.Kind, &c.Contractor, &c.Name, &c.URL, &c.State, &c.Shared, at(&c.SyncedAt), at(&c.CreatedAt),
	}
}

func personFields(p *storage.Person) []any {
	return []any{&p.Workspace, &p.ID, &p.Name, &p.Email, &p.Kind, &p.Admin, &p.Zone, &p.Locale, at(&p.SeenAt)}
}

func cardFields(c *storage.Card) []any {
	return []any{&c.ID, &c.Kind, &c.Issue, &c.Assignment, &c.Workspace, &c.Channel, &c.Message}
}

func mirrorFields(m *storage.Mirror) []any {
	return []any{&m.Comment, &m.Card, &m.Part, &m.Thread, &m.Message, &m.Shown}
}

func carriedFields(f *storage.CarriedFile) []any {
	return []any{&f.Comment, &f.Card, &f.File, &f.Remote, &f.Refused, &f.Thread, &f.Message}
}

func homeFields(h *storage.Home) []any {
	return []any{&h.Workspace, &h.Person, &h.View, &h.Shown, at(&h.OpenedAt)}
}

func markFields(m *storage.Mark) []any {
	return []any{&m.Workspace, &m.Channel, &m.Thread, &m.Gap, at(&m.ReadAt), &m.Replies, &m.Latest, at(&m.FoundAt)}
}

func eventFields(e *storage.Event) []any {
	return []any{
		&e.Issue, &e.Assignment, at(&e.At), &e.Actor.ID, &e.Actor.Name, &e.Kind, asJSON(&e.Data),
		&e.Workspace, &e.Key,
	}
}
