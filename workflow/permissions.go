package workflow

import (
	"slices"
)

// Allowed refuses a verb that the actor's role may never use, whatever it is
// about. The default is no. It says nothing about the state or about whether the
// actor may reach a given issue: Decide does.
func Allowed(actor Actor, verb Verb) error {
	if refusal := allowed(actor, verb); refusal != nil {
		return refusal
	}
	return nil
}

func allowed(actor Actor, verb Verb) *Refusal {
	info, ok := infoOf(verb)
	if !ok {
		return Refuse(Invalid, "There is no such command: ask for help to see what there is.")
	}
	if refusal := lacks(actor, verb); refusal != nil {
		return refusal
	}
	if refusal := notAnswering(actor, verb); refusal != nil {
		return refusal
	}
	if mayUse(acting(actor, verb), verb) && (verb != SetUp || actor.Rights().Has(RightAdmin)) {
		return nil
	}
	if verb == SetUp {
		return Refuse(Forbidden, "Only an administrator of the workspace can set up the desk.")
	}
	if actor.Role == Stranger {
		return Refuse(Forbidden, "The desk does not know you: ask it to add you to one of its channels.")
	}
	return Refuse(Forbidden, "Only %s can %s.", people(rolesFor(verb)), phrase(info.can))
}

// rolesFor returns the roles that may use the verb. SetUp further demands an
// administrator of the workspace.
func rolesFor(verb Verb) []Role {
	var roles []Role
	for _, role := range Roles() {
		if mayUse(role, verb) {
			roles = append(roles, role)
		}
	}
	return roles
}

func mayUse(role Role, verb Verb) bool {
	for i := range table {
		if r := &table[i]; r.verb == verb && r.refuse == "" && slices.Contains(r.roles, role) {
			return true
		}
	}
	return false
}

// people puts roles into words.
func people(roles []Role) Phrase {
	var words []Phrase
	for _, role := range roles {
		switch role {
		case Operator:
			words = append(words, phrase("the desk"))
		case Manager:
			words = append(words, phrase("a manager"))
		case Contractor:
			words = append(words, phrase("the firm"))
		case External:
			words = append(words, phrase("an external user"))
		}
	}
	if len(words) == 0 {
		return phrase("the clock")
	}
	all, last := words[0], len(words)-1
	for n, word := range words[1:] {
		if n+1 == last {
			return phrase("%s or %s", all, word)
		}
		all = phrase("%s, %s", all, word)
	}
	return all
}
