package settings

import (
	"slices"

	"taskbridge/workflow"
)

// Answers are who of a firm answers its offers, where not everybody does.
type Answers struct {
	Contractor string     `json:"contractor"`
	People     []Answerer `json:"people"`
}

// Answerer is somebody named to answer a firm's offers. Away is true while they are in no
// channel of the firm: they do not count then.
type Answerer struct {
	// Person is the id across workspaces; Name is how they were called then.
	Person string `json:"person"`
	Name   string `json:"name"`
	Away   bool   `json:"away,omitempty"`
}

// AnsweredBy are all who were named for a firm.
func (s Settings) AnsweredBy(contractor string) []Answerer {
	for _, a := range s.Answers {
		if a.Contractor == contractor {
			return a.People
		}
	}
	return nil
}

// Answerers are those who may answer a firm's offers now; none means everybody.
func (s Settings) Answerers(contractor string) []workflow.Person {
	var out []workflow.Person
	for _, p := range s.AnsweredBy(contractor) {
		if !p.Away {
			out = append(out, workflow.Person{ID: p.Person, Name: p.Name})
		}
	}
	return out
}

// WithAnswers gives the settings with other people for a firm; with none, everybody of it
// answers.
func (s Settings) WithAnswers(contractor string, people []Answerer) Settings {
	s.Answers = slices.DeleteFunc(slices.Clone(s.Answers), func(a Answers) bool { return a.Contractor == contractor })
	if len(people) > 0 {
		s.Answers = append(s.Answers, Answers{Contractor: contractor, People: people})
	}
	return s
}
