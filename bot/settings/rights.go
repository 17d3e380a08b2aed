package settings

import (
	"slices"
	"strings"

	"taskbridge/workflow"
)

// Rights are who may do more or less than follows from the channel they are in.
type Rights struct {
	// Ceiling is the sum above which money needs a right of its own, such as "500 EUR";
	// empty for none.
	Ceiling string `json:"ceiling,omitempty"`
	// Exceptions are those made for people, by name.
	Exceptions []Exception `json:"exceptions,omitempty"`
}

// Exception is what one person was given beyond the usual, and what was taken.
type Exception struct {
	// Person is the id across workspaces; Name is how they were called then.
	Person  string           `json:"person"`
	Name    string           `json:"name"`
	Granted []workflow.Right `json:"granted,omitempty"`
	Revoked []workflow.Right `json:"revoked,omitempty"`
}

func (r Rights) validate() error {
	_, err := workflow.ReadCeiling(r.Ceiling)
	return err
}

// Of gives the exceptions made for a person.
func (r Rights) Of(person string) (granted, revoked workflow.Rights) {
	for _, e := range r.Exceptions {
		if e.Person == person {
			return workflow.RightsOf(e.Granted...), workflow.RightsOf(e.Revoked...)
		}
	}
	return 0, 0
}

// With gives the rights after one was given to a person or taken, where usual are those
// that the person has without any exception.
func (r Rights) With(person, name string, right workflow.Right, grant bool, usual workflow.Rights) Rights {
	r.Exceptions = slices.Clone(r.Exceptions)
	granted, revoked := r.Of(person)
	granted, revoked = granted&^workflow.RightsOf(right), revoked&^workflow.RightsOf(right)
	switch {
	case grant && !usual.Has(right):
		granted |= workflow.RightsOf(right)
	case !grant && usual.Has(right):
		revoked |= workflow.RightsOf(right)
	}
	r.Exceptions = slices.DeleteFunc(r.Exceptions, func(e Exception) bool { return e.Person == person })
	if granted != 0 || revoked != 0 {
		r.Exceptions = append(r.Exceptions, Exception{Person: person, Name: name, Granted: granted.List(), Revoked: revoked.List()})
	}
	slices.SortFunc(r.Exceptions, func(a, b Exception) int { return strings.Compare(a.Name+a.Person, b.Name+b.Person) })
	return r
}

func rightsSection() Section {
	return Section{
		Name: "money", Label: "Approval limit", Does: "above which sum work and terms need a right of their own",
		Read: func(s Settings) map[string]string { return map[string]string{"limit": s.Rights.Ceiling} },
		Write: func(s *Settings, v map[string]string) error {
			return set(v, "limit", &s.Rights.Ceiling, workflow.ReadCeiling)
		},
	}
}
