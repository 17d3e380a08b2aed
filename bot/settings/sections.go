package settings

import (
	"strconv"
	"strings"

	"taskbridge/bot/when"
	"taskbridge/workflow"
)

// Section is a part of the settings that is edited at once, as texts by the names of
// fields. A tick is "true" or "false".
type Section struct {
	// Name is one word, Label what people read; Does completes "Here you set …".
	Name, Label, Does string
	// Read writes the section of some settings as texts.
	Read func(Settings) map[string]string
	// Write puts texts into the section. What was not sent stays. The error is a
	// refusal of one field.
	Write func(*Settings, map[string]string) error
}

// Sections lists all of them, in the order in which they are offered.
func Sections() []Section {
	return []Section{
		calendarSection(), offersSection(), limitsSection(), reasonsSection(), stepsSection(),
		digestSection(), approvalSection(), rightsSection(), languageSection(),
	}
}

// SectionNamed finds one by its name or the beginning of it.
func SectionNamed(name string) (Section, bool) {
	name = strings.ToLower(strings.TrimSpace(name))
	var found []Section
	for _, s := range Sections() {
		if s.Name == name {
			return s, true
		}
		if name != "" && strings.HasPrefix(s.Name, name) {
			found = append(found, s)
		}
	}
	if len(found) == 1 {
		return found[0], true
	}
	return Section{}, false
}

// Change puts texts into a section of settings and gives the result, which is legal.
func (s Section) Change(was Settings, values map[string]string) (Settings, error) {
	is := was
	if err := s.Write(&is, values); err != nil {
		return was, err
	}
	return is, is.Validate()
}

// set reads one field into place, if it was sent.
func set[T any](values map[string]string, field string, to *T, read func(string) (T, error)) error {
	text, sent := values[field]
	if !sent {
		return nil
	}
	v, err := read(text)
	if err == nil {
		*to = v
	}
	return err
}

// in names the field that a reader refuses.
func in[T any](field string, read func(field, text string) (T, error)) func(string) (T, error) {
	return func(text string) (T, error) { return read(field, text) }
}

func trimmed(text string) (string, error) { return strings.TrimSpace(text), nil }

// photos reads how many photos or files; nothing is none.
func photos(text string) (Count, error) {
	if text = strings.TrimSpace(text); text == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		return 0, workflow.RefuseField("photos", "Write a number from 0 to %d.", workflow.MaxEvidence)
	}
	return Count(n), nil
}

func tick(text string) (bool, error) { return text == "true", nil }

// first gives the first error of several.
func first(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func calendarSection() Section {
	return Section{
		Name: "calendar", Label: "Working hours", Does: "time zone, working hours and holidays",
		Read: func(s Settings) map[string]string {
			return map[string]string{"zone": s.Calendar.Zone, "hours": HoursText(s.Calendar.Week), "holidays": HolidaysText(s.Calendar.Holidays)}
		},
		Write: func(s *Settings, v map[string]string) (err error) {
			s.Calendar, err = s.Calendar.With(v)
			return err
		},
	}
}

// With is the calendar with the texts of the fields zone, hours and holidays. The error
// is a refusal of one of them.
func (c Calendar) With(v map[string]string) (Calendar, error) {
	err := first(
		set(v, "zone", &c.Zone, trimmed),
		set(v, "hours", &c.Week, ParseHours),
		set(v, "holidays", &c.Holidays, parseHolidays),
		set(v, "language", &c.Language, trimmed),
	)
	if err == nil {
		err = c.validate()
	}
	return c, err
}

func offersSection() Section {
	return Section{
		Name: "offers", Label: "Offers", Does: "how long firms have to answer, and the cool-off after a no",
		Read: func(s Settings) map[string]string {
			return map[string]string{"answer_within": when.Hours(s.Offers.AnswerWithin), "cool_off": daysText(s.Offers.CoolOff)}
		},
		Write: func(s *Settings, v map[string]string) error {
			return first(
				set(v, "answer_within", &s.Offers.AnswerWithin, in("answer_within", workingTime)),
				set(v, "cool_off", &s.Offers.CoolOff, in("cool_off", wallTime)),
			)
		},
	}
}

func limitsSection() Section {
	return Section{
		Name: "sla", Label: "Time limits (SLA)", Does: "how long accepting, starting and completing may take, and who hears of it",
		Read: func(s Settings) map[string]string {
			return map[string]string{
				"limits": limitsText(s.Limits.Times), "warn": strconv.Itoa(s.Limits.Warn), "escalate": when.Hours(s.Limits.Escalate),
			}
		},
		Write: func(s *Settings, v map[string]string) error {
			return first(
				set(v, "limits", &s.Limits.Times, parseLimits),
				set(v, "warn", &s.Limits.Warn, in("warn", number)),
				set(v, "escalate", &s.Limits.Escalate, in("escalate", workingTime)),
			)
		},
	}
}

func reasonsSection() Section {
	return Section{
		Name: "reasons", Label: "Decline reasons", Does: "what a firm may decline with",
		Read:  func(s Settings) map[string]string { return map[string]string{"reasons": reasonsText(s.Reasons)} },
		Write: func(s *Settings, v map[string]string) error { return set(v, "reasons", &s.Reasons, parseReasons) },
	}
}

func stepsSection() Section {
	return Section{
		Name: "steps", Label: "Steps of the work", Does: "what firms report, and what customers see of it",
		Read: func(s Settings) map[string]string { return map[string]string{"steps": stepsText(s.Steps)} },
		Write: func(s *Settings, v map[string]string) error {
			was := s.Steps
			if err := set(v, "steps", &s.Steps, parseSteps); err != nil {
				return err
			}
			return checkIcons(was, s.Steps)
		},
	}
}

func digestSection() Section {
	return Section{
		Name: "digest", Label: "Summaries", Does: "which summaries come by themselves, and when",
		Read: func(s Settings) map[string]string {
			return map[string]string{
				"daily": strconv.FormatBool(s.Digest.Daily), "weekly": strconv.FormatBool(s.Digest.Weekly),
				"hour": strconv.Itoa(s.Digest.Hour),
			}
		},
		Write: func(s *Settings, v map[string]string) error {
			return first(
				set(v, "daily", &s.Digest.Daily, tick),
				set(v, "weekly", &s.Digest.Weekly, tick),
				set(v, "hour", &s.Digest.Hour, in("hour", number)),
			)
		},
	}
}

func approvalSection() Section {
	return Section{
		Name: "approval", Label: "Approval", Does: "what a firm hands in, and what is held meanwhile",
		Read: func(s Settings) map[string]string {
			a := s.Approval
			return map[string]string{
				"hold": strconv.FormatBool(a.Hold), "note": strconv.FormatBool(a.Evidence.Note), "effort": strconv.FormatBool(a.Evidence.Effort),
				"costs": strconv.FormatBool(a.Evidence.Costs), "photos": strconv.Itoa(int(a.Evidence.Photos)),
			}
		},
		Write: func(s *Settings, v map[string]string) error {
			a := &s.Approval
			return first(
				set(v, "hold", &a.Hold, tick), set(v, "note", &a.Evidence.Note, tick), set(v, "effort", &a.Evidence.Effort, tick),
				set(v, "costs", &a.Evidence.Costs, tick), set(v, "photos", &a.Evidence.Photos, photos),
			)
		},
	}
}
