package workflow

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"unicode"
)

// Fit is what speaks for offering a job to a firm.
type Fit struct {
	// Topic is the firm's topic that the job is about, City the firm's city when the
	// job is there; both empty when not so.
	Topic, City string
	// Done, Taken and Declined are how many jobs it has done, taken and turned down.
	Done, Taken, Declined int
	// Rated is how much of its work was rated, with Stars in all.
	Rated, Stars int
}

// FitOf compares a firm's topics and city with what the job is about and where it is.
func FitOf(topics []string, city, about, place string) Fit {
	var f Fit
	if n := slices.IndexFunc(topics, func(topic string) bool { return says(about, topic) }); n >= 0 {
		f.Topic = topics[n]
	}
	if says(place, city) {
		f.City = city
	}
	return f
}

// Suits tells whether the firm is one to suggest. Experience alone does not do it: it
// says nothing of the job.
func (f Fit) Suits() bool { return f.Topic != "" || f.City != "" }

// Accepts is the share of its offers that the firm took, in per cent, and whether it has
// answered any.
func (f Fit) Accepts() (percent int, known bool) {
	if f.Taken+f.Declined == 0 {
		return 0, false
	}
	return 100 * f.Taken / (f.Taken + f.Declined), true
}

// Rating is the mean of the firm's ratings, and whether it has any.
func (f Fit) Rating() (mean float64, known bool) {
	if f.Rated == 0 {
		return 0, false
	}
	return float64(f.Stars) / float64(f.Rated), true
}

// Few ratings say little: firms are compared as if each had these besides.
const (
	usualRatings = 4
	usualStars   = 14
)

// quality is how good the firm's work is found, in half stars, so that hardly different
// firms are alike in it.
func (f Fit) quality() int {
	return int(math.Round(2 * float64(f.Stars+usualStars) / float64(f.Rated+usualRatings)))
}

// CompareFits is negative when a suits better than b: first by topic, then by city, then
// by how their work is rated, how much each has done and how often it accepts.
func CompareFits(a, b Fit) int {
	takes, _ := a.Accepts()
	other, _ := b.Accepts()
	return cmp.Or(
		first(a.Suits(), b.Suits()), first(a.Topic != "", b.Topic != ""), first(a.City != "", b.City != ""),
		cmp.Compare(b.quality(), a.quality()), cmp.Compare(b.Done, a.Done), cmp.Compare(other, takes),
	)
}

// first puts what holds for one alone before the other.
func first(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return -1
	}
	return 1
}

// says tells whether words stand in a text as whole words, without regard to case.
func says(text, words string) bool {
	want := plainWords(words)
	return want != "" && strings.Contains(" "+plainWords(text)+" ", " "+want+" ")
}

func plainWords(s string) string {
	return strings.Join(strings.FieldsFunc(strings.ToLower(s), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsNumber(r)
	}), " ")
}
