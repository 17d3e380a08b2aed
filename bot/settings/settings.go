package settings

import (
	"encoding/json"
	"fmt"
	"time"

	"taskbridge/workflow"
)

// Settings are how one desk works. Take them for unchangeable: several readers share
// one value.
type Settings struct {
	// Calendar is when the desk itself works, and a firm that has no calendar of its
	// own.
	Calendar Calendar `json:"calendar"`
	// Reasons are what a firm may decline with.
	Reasons []workflow.DeclineReason `json:"reasons"`
	Offers  Offers                   `json:"offers"`
	// Limits are how long a firm may take to accept, to start and to complete.
	Limits Limits `json:"limits"`
	// Steps are what a firm may report of its work, in their order.
	Steps []workflow.WorkStep `json:"steps"`
	// Digest says which summaries are sent unasked.
	Digest   Digest   `json:"digest"`
	Approval Approval `json:"approval"`
	Rights   Rights   `json:"rights"`
	// Answers are the firms whose offers not everybody of them answers.
	Answers []Answers `json:"answers,omitempty"`
	// Texts are what the desk keeps ready, in the order of their names. They have checks of
	// their own, so that a wrong one takes no other setting down.
	Texts []workflow.KeptText `json:"texts,omitempty"`
	// Language is that of the desk, a BCP 47 name.
	Language string `json:"language,omitempty"`
}

// Offers are the time limits of offers.
type Offers struct {
	// AnswerWithin is how much working time a firm has to answer when the offer does
	// not say.
	AnswerWithin time.Duration `json:"answer_within"`
	// CoolOff is how long after a firm declined, or did not answer, the same issue is
	// not offered to it again automatically.
	CoolOff time.Duration `json:"cool_off"`
}

// Digest says which summaries are sent unasked, and at which hour of the desk's day.
type Digest struct {
	Daily  bool `json:"daily"`
	Weekly bool `json:"weekly"`
	Hour   int  `json:"hour"`
}

// Approval is what happens around finished work.
type Approval struct {
	// Hold keeps what either side writes while work waits for approval from the other
	// side until the work is sent back.
	Hold bool `json:"hold"`
	// Evidence is what a firm has to hand in with its work.
	Evidence Evidence `json:"evidence"`
}

// Evidence is what a firm has to hand in with its work.
type Evidence struct {
	Note   bool `json:"note"`
	Effort bool `json:"effort"`
	Costs  bool `json:"costs"`
	// Photos is how many photos or files.
	Photos Count `json:"photos"`
}

// Count is how many of something. It reads a tick, which it once was, as one.
type Count int

// UnmarshalJSON implements json.Unmarshaler.
func (c *Count) UnmarshalJSON(text []byte) error {
	switch string(text) {
	case "true":
		*c = 1
	case "false":
		*c = 0
	default:
		return json.Unmarshal(text, (*int)(c))
	}
	return nil
}

// validate refuses a number of photos that no firm could post.
func (e Evidence) validate() error {
	if e.Photos < 0 || e.Photos > workflow.MaxEvidence {
		return workflow.RefuseField("photos", "Write a number from 0 to %d.", workflow.MaxEvidence)
	}
	return nil
}

// Default are the settings of a new desk.
func Default() Settings {
	return Settings{
		Reasons:  workflow.DeclineReasons(),
		Offers:   Offers{AnswerWithin: 24 * time.Hour, CoolOff: 7 * 24 * time.Hour},
		Limits:   Limits{Warn: 75, Escalate: 8 * time.Hour},
		Steps:    workflow.StandardSteps(),
		Digest:   Digest{Daily: true, Weekly: true, Hour: 8},
		Approval: Approval{Hold: true, Evidence: Evidence{Note: true}},
		Language: Languages()[0],
	}
}

// Validate refuses settings that are not legal, with the field that is wrong.
func (s Settings) Validate() error {
	for _, check := range []func() error{
		s.Calendar.validate,
		func() error { return checkReasons(s.Reasons) },
		s.Offers.validate,
		s.Limits.validate,
		func() error { return checkSteps(s.Steps) },
		s.Digest.validate,
		s.Rights.validate,
		func() error { return checkLanguage(s.Language) },
		s.Approval.Evidence.validate,
	} {
		if err := check(); err != nil {
			return err
		}
	}
	return nil
}

// Encode writes the settings as they are kept. Amounts of time are in nanoseconds.
func Encode(s Settings) (string, error) {
	text, err := json.Marshal(s)
	if err != nil {
		return "", fmt.Errorf("encode the settings: %w", err)
	}
	return string(text), nil
}

// Decode reads what Encode wrote, also with an earlier or a later version: what is
// missing is as in Default, and what is unknown is left out. Nothing at all gives
// Default.
func Decode(text string) (Settings, error) {
	s := Default()
	if text == "" {
		return s, nil
	}
	if err := json.Unmarshal([]byte(text), &s); err != nil {
		return Default(), fmt.Errorf("decode the settings: %w", err)
	}
	if err := s.Validate(); err != nil {
		return Default(), fmt.Errorf("decode the settings: %w", err)
	}
	return s, nil
}

// WorkingTime is the desk's calendar. zone is the one to take where the settings name
// none.
func (s Settings) WorkingTime(zone *time.Location) workflow.Calendar { return s.Calendar.In(zone) }
