package workflow

import (
	"strconv"
	"strings"
	"time"
)

// Open work is counted by what it is about and by who is in charge of it, too, and by
// when it began, so that nobody has to count it who wants to know how it is spread. These
// counts stand where those of firms do, under names that no firm has.

// The shares of open work, in place of a firm's id.
const (
	// ShareTopic counts open issues by stage and topic, also those without, SharePerson taken assignments by
	// status and who is in charge.
	ShareTopic  = "*topic"
	SharePerson = "*person"
	// ShareRating counts rated assignments by stars and firm, for whoever compares firms.
	ShareRating = "*rating"
	// ShareCity, with the key of a city's name, is where a store counts what it counts
	// for each of the firms there. No change of an issue has counts of it: which firms
	// are in a city is no part of an issue.
	ShareCity = "*city/"
	// shareAge, with a firm's id or without, counts open issues by when they began.
	shareAge = "*age/"
)

// FigureOpen counts the issues that began at a time and are open still.
const FigureOpen Figure = "open"

// AgesOf is where the ages of open issues are counted, of a firm or of the desk.
func AgesOf(firm string) string { return shareAge + firm }

// shareFigure names the count of a share: a stage or a status, and what it is of.
func shareFigure(how, of string) Figure { return Figure(how + "/" + of) }

// ShareOf reads what shareFigure wrote.
func ShareOf(f Figure) (how, of string) {
	how, of, _ = strings.Cut(string(f), "/")
	return how, of
}

// Shares says how the counts of open work, and those of ratings by firm, change when an
// issue changes, as Counts does of all others; the topics are as lists are narrowed by,
// empty for none. From the zero Issue they are all that an issue counts for, whatever its
// history.
func Shares(was, is Issue, wasTopic, isTopic string) []Count {
	var c counter
	c.moved(ShareTopic, topicFigure(was, wasTopic), topicFigure(is, isTopic))
	for n := range is.Assignments {
		a := &is.Assignments[n]
		old, _ := Find(was, a.ID)
		c.moved(SharePerson, chargeFigure(old), chargeFigure(*a))
		c.moved(ShareRating, starsFigure(old), starsFigure(*a))
	}
	c.age("", was, is, was.Status != "")
	for n := range is.Assignments {
		firm := is.Assignments[n].Contractor
		if !involved(firm, is.Assignments[:n]) {
			c.age(firm, was, is, involved(firm, was.Assignments))
		}
	}
	return c.all
}

func topicFigure(i Issue, topic string) Figure {
	if i.Status == "" || !workIsOpen(i.Status) {
		return ""
	}
	return shareFigure(string(StageOf(i)), topic)
}

func chargeFigure(a Assignment) Figure {
	if a.InCharge.ID == "" || !Taken(a.Status) {
		return ""
	}
	return shareFigure(string(a.Status), a.InCharge.ID)
}

func starsFigure(a Assignment) Figure {
	if a.Rating.Stars == 0 {
		return ""
	}
	return shareFigure(strconv.Itoa(a.Rating.Stars), a.Contractor)
}

// age counts an issue by its beginning for as long as it is open.
func (c *counter) age(firm string, was, is Issue, wasIn bool) {
	var from, to time.Time
	if wasIn && workIsOpen(was.Status) {
		from = was.CreatedAt
	}
	if workIsOpen(is.Status) {
		to = is.CreatedAt
	}
	c.dated(AgesOf(firm), FigureOpen, from, to)
}
