package workflow

import (
	"maps"
	"slices"
)

// Field names a part of what is known about an issue.
type Field string

// What the desk writes down about an issue.
const (
	FieldTitle       Field = "title"
	FieldDescription Field = "description"
	FieldTopic       Field = "topic"
	FieldPriority    Field = "priority"
	FieldPlace       Field = "place"
	FieldDueAt       Field = "due_at"
	FieldRemindAt    Field = "remind_at"
	FieldCustomer    Field = "customer"
	FieldExternalRef Field = "external_ref"
	FieldURL         Field = "url"
)

// What becomes of an issue.
const (
	// FieldFirms are the hand-offs: which firms have or had the issue, with everything
	// that each of them was offered and did.
	FieldFirms Field = "firms"
	// FieldMoney are the sums of an offer and of finished work.
	FieldMoney Field = "money"
	// FieldShared are comments and files that a firm reads; FieldInternal those that
	// never leave the desk.
	FieldShared   Field = "shared_comments"
	FieldInternal Field = "internal_notes"
	// FieldPeople are the external users whom the issue involves.
	FieldPeople Field = "external_users"
	// FieldHistory is who did what and when.
	FieldHistory Field = "history"
)

// Sight is how much of a field a role sees. The zero value is nothing.
type Sight string

// The sights.
const (
	Unseen Sight = ""
	// OwnOnly is what concerns the firm or person itself.
	OwnOnly    Sight = "own"
	Everything Sight = "all"
)

// view is one line of the table of who sees what.
type view struct {
	field                                   Field
	operator, manager, contractor, external Sight
}

// views is the whole table: what is not in it is seen by nobody. It is never written
// to.
var views = []view{
	{FieldTitle, Everything, Everything, Everything, Everything},
	{FieldDescription, Everything, Everything, Everything, Unseen},
	{FieldTopic, Everything, Everything, Everything, Unseen},
	{FieldPriority, Everything, Everything, Everything, Unseen},
	{FieldPlace, Everything, Everything, Everything, Everything},
	{FieldDueAt, Everything, Everything, Everything, Unseen},
	{FieldRemindAt, Everything, Everything, Unseen, Unseen},
	{FieldCustomer, Everything, Everything, Unseen, Unseen},
	{FieldExternalRef, Everything, Everything, Unseen, Unseen},
	{FieldURL, Everything, Everything, Unseen, Unseen},
	{FieldFirms, Everything, Everything, OwnOnly, Unseen},
	{FieldMoney, Everything, Everything, OwnOnly, Unseen},
	{FieldShared, Everything, Everything, OwnOnly, OwnOnly},
	{FieldInternal, Everything, Everything, Unseen, Unseen},
	{FieldPeople, Everything, Everything, Unseen, OwnOnly},
	{FieldHistory, Everything, Everything, OwnOnly, Unseen},
}

// Sees tells how much of a field a role sees of an issue that it may know of.
func Sees(role Role, field Field) Sight {
	at := slices.IndexFunc(views, func(v view) bool { return v.field == field })
	if at < 0 {
		return Unseen
	}
	switch role {
	case System:
		return Everything
	case Operator:
		return views[at].operator
	case Manager:
		return views[at].manager
	case Contractor:
		return views[at].contractor
	case External:
		return views[at].external
	}
	return Unseen
}

// AllFields returns every field there is, in the order of the table.
func AllFields() []Field {
	out := make([]Field, len(views))
	for i, v := range views {
		out[i] = v.field
	}
	return out
}

// Fields returns what the desk writes down about an issue, in the order of a card.
func Fields() []Field {
	return AllFields()[:slices.Index(AllFields(), FieldURL)+1]
}

// CanReadField reports whether the role sees anything of the field.
func CanReadField(role Role, field Field) bool { return Sees(role, field) != Unseen }

// FirmsDetails are those of the changes that the firm of an assignment may know of. Where
// its terms have a due date of their own, the job's is none of its business.
func FirmsDetails(changed map[string]string, a Assignment) map[string]string {
	firms := map[string]string{}
	for _, f := range Fields() {
		if !CanReadField(Contractor, f) || f == FieldDueAt && !a.Terms.Due.IsZero() {
			continue
		}
		if now, there := changed[string(f)]; there {
			firms[string(f)], firms[WasKey(f)] = now, changed[WasKey(f)]
		}
	}
	return firms
}

// KeepKnown are the hand-offs of a job whose details change: each firm that has it no more
// keeps, of those it could read, what they were when it lost it.
func KeepKnown(handOffs []Assignment, changed map[string]string) []Assignment {
	handOffs = slices.Clone(handOffs)
	for n := range handOffs {
		a := &handOffs[n]
		if !Lost(a.Status) || !WasSent(*a) {
			continue
		}
		for _, f := range Fields() {
			was, there := changed[WasKey(f)]
			if _, kept := a.Knew[f]; kept || !there || f == FieldDescription || !CanReadField(Contractor, f) {
				// A description is for who has the job alone.
				continue
			}
			if a.Knew = maps.Clone(a.Knew); a.Knew == nil {
				a.Knew = map[Field]string{}
			}
			a.Knew[f] = was
		}
	}
	return handOffs
}

// Known is what a firm knows of a job's details where they are otherwise now; own are its
// hand-offs. lost is false, and the details are as they are, for a firm that has or did it.
func Known(own ...Assignment) (knew map[Field]string, lost bool) {
	if len(own) == 0 || slices.ContainsFunc(own, func(a Assignment) bool { return !Lost(a.Status) }) {
		return nil, false
	}
	return own[len(own)-1].Knew, true
}
