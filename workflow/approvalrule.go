package workflow

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// The limits of a template's rules.
const (
	maxApprovalRules  = 5
	maxApprovalAnswer = 60
)

// ApprovalRule says which answer to what a template asks needs an approval before the job
// is offered. Exactly one of Is and Above is set.
type ApprovalRule struct {
	// Field is the placeholder that is answered.
	Field string `json:"field"`
	// Is is the answer that needs an approval.
	Is string `json:"is,omitempty"`
	// Above is a number, or an amount of money, beyond which an answer does.
	Above string `json:"above,omitempty"`
}

// ReadApprovalRule reads a rule as people write it: "gas = yes", "rooms > 3" or
// "estimate > 500 EUR".
func ReadApprovalRule(text string) (ApprovalRule, error) {
	wrong := RefuseField("approval", "Write a rule like gas = yes, rooms > 3 or estimate > 500 EUR.")
	at := strings.IndexAny(text, "=>")
	if at < 0 {
		return ApprovalRule{}, wrong
	}
	r := ApprovalRule{Field: strings.ToLower(oneLine(text[:at]))}
	value := oneLine(text[at+1:])
	if r.Field == "" || value == "" || utf8.RuneCountInString(value) > maxApprovalAnswer {
		return ApprovalRule{}, wrong
	}
	if text[at] == '=' {
		r.Is = value
		return r, nil
	}
	if m, err := ReadMoney(value); err == nil {
		r.Above = string(m)
		return r, nil
	}
	if _, ok := number(value); !ok || len(strings.Fields(value)) != 1 {
		return ApprovalRule{}, wrong
	}
	r.Above = value
	return r, nil
}

// String writes a rule as it is read.
func (r ApprovalRule) String() string {
	if r.Above != "" {
		return r.Field + " > " + r.Above
	}
	return r.Field + " = " + r.Is
}

// thousands is a number of which nobody can say whether it has a fraction or thousands.
var thousands = regexp.MustCompile(`^[1-9][0-9]{0,2}[.,][0-9]{3}$`)

// number reads the number that a text begins with, such as that of "3 rooms". One like
// "1,500" can be read in two ways, so that it is none.
func number(text string) (n float64, ok bool) {
	first, _, _ := strings.Cut(oneLine(text), " ")
	if thousands.MatchString(first) {
		return 0, false
	}
	first = strings.Replace(first, ",", ".", 1)
	if strings.Trim(first, "0123456789.") != "" {
		return 0, false
	}
	n, err := strconv.ParseFloat(first, 64)
	return n, err == nil
}

// asks tells whether an answer needs an approval. What cannot be compared does: somebody
// has to look at it.
func (r ApprovalRule) asks(answer string) bool {
	if r.Above == "" {
		return strings.EqualFold(oneLine(answer), r.Is)
	}
	if Money(r.Above).Currency() != "" {
		return above(answer, r.Above)
	}
	most, _ := number(r.Above)
	n, ok := number(answer)
	return !ok || n > most
}

// Asks says which of the answers need an approval before the job is offered, in a line;
// empty for none.
func (t Template) Asks(values map[string]string) string {
	var why []string
	for _, r := range t.Approval {
		answer := oneLine(values[r.Field])
		if line := r.Field + ": " + answer; r.asks(answer) && !slices.Contains(why, line) {
			why = append(why, line)
		}
	}
	return strings.Join(why, "; ")
}

func (t Template) checkApproval() *Refusal {
	if len(t.Approval) > maxApprovalRules {
		return RefuseField("approval", "Give at most %d rules.", maxApprovalRules)
	}
	for _, r := range t.Approval {
		if again, err := ReadApprovalRule(r.String()); err != nil || again != r {
			return RefuseField("approval", "Write a rule like gas = yes, rooms > 3 or estimate > 500 EUR.")
		}
		if !slices.Contains(t.Placeholders(), r.Field) {
			return RefuseField("approval", "The rule “%s” is about something that the template does not ask for: put that word in braces into its title or description.", r.String())
		}
	}
	return nil
}
