package main

import (
	"cmp"
	"fmt"

	"taskbridge/bot/present"
	"taskbridge/workflow"
)

// homes are the pages that people have of their own, message by message, and what a
// conversation shows of them.
func (s *samples) homes() []specimen {
	var out []specimen
	for _, role := range []workflow.Role{workflow.Operator, workflow.Contractor, workflow.Stranger} {
		h, who := s.home(role), cmp.Or(string(role), "stranger")
		out = append(out, private("home in a conversation, "+who, s.p.HomeAnswer(s.asked(), h)))
		for n, m := range s.p.HomePage(s.asked(), h) {
			out = append(out, private(fmt.Sprintf("home, %s, part %d", who, n+1), m))
		}
	}
	chosen := s.home(workflow.Operator)
	pg := s.page("Waiting acceptance · boiler", s.offered())
	chosen.Chosen = &pg
	for n, m := range s.p.HomePage(s.asked(), chosen) {
		out = append(out, private(fmt.Sprintf("home, a list, part %d", n+1), m))
	}
	out = append(out, public("board", s.p.Board(s.boardGroups())), public("board, nothing to do", s.p.Board(nil)))
	var long []present.Job
	for range 15 {
		long = append(long, s.longest(workflow.Accepted))
	}
	out = append(out, public("board, the longest", s.p.Board([]present.Page{s.page("Accepted or in progress", long)})))
	return append(out, form("filter", s.p.Filter(s.asked(), workflow.Operator, chosen.Lists, true)))
}

// boardGroups are what a firm's list of open jobs shows.
func (s *samples) boardGroups() []present.Page {
	late := s.page("Overdue jobs", s.listed()[3:4])
	late.Count = 1
	return []present.Page{s.page("Waiting acceptance", s.listed()[:1]), late}
}

func (s *samples) home(role workflow.Role) present.Home {
	h := present.Home{Role: role, Name: operator}
	names := []string{"new", "open", "mine", "offered", "approval", "overdue"}
	counts := []int{0, 140, 6, sampleCount, 1, 1}
	for n, heading := range []string{"New jobs", "Open jobs", "My jobs", "Waiting acceptance", "Waiting approval", "Overdue jobs"} {
		h.Lists = append(h.Lists, present.NamedList{Name: names[n], Heading: s.p.Term(heading), Count: counts[n]})
	}
	first, second := s.page("Waiting approval", s.listed()[2:3]), s.page("Overdue jobs", s.listed()[3:4])
	first.Count, first.Query, second.Count = 1, "approval", 1
	h.Sections = []present.Page{first, second, {Heading: s.p.Term("New jobs")}}
	switch role {
	case workflow.Contractor:
		h.Sections[0], h.Sections[2].Heading = s.page("Waiting acceptance", s.listed()[:1]), s.p.Term("My jobs")
	case workflow.Stranger:
		h.Contacts = []string{operator, mate}
	}
	return h
}
