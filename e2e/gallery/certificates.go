package main

import (
	"time"

	"taskbridge/bot/present"
	"taskbridge/storage"
	"taskbridge/workflow"
)

// certificates are what the desk keeps of a firm's papers, and what comes of them.
func (s *samples) certificates() []specimen {
	day := workflow.DateOf(s.now)
	held := func(name, until, reference string) storage.Certificate {
		c := storage.Certificate{Contractor: s.acme.ID, Reference: reference, CheckedBy: workflow.Person{Name: operator}, CheckedAt: s.now.Add(-30 * 24 * time.Hour)}
		c.Name, c.Until = name, until
		return c
	}
	soon, over := s.now.AddDate(0, 0, 20).Format(time.DateOnly), s.now.AddDate(0, 0, -3).Format(time.DateOnly)
	list := []storage.Certificate{
		held("Asbestos awareness", "", "https://files.example.com/asbestos.pdf"), held("F-gas", over, ""), held("Gas safety", soon, "GS-4411"),
	}
	long := []storage.Certificate{held(fill("*Gas* <!channel> safety of ", workflow.MaxCertificate), soon, fill("drawer 3, folder ", present.MaxCertificateReference))}
	needs := s.demanding(workflow.Assigned)
	needs.Demands.Certificates = []string{"Gas safety", "F-gas"}
	score := present.ScoreCard{Firm: s.acme, Own: true, Days: 90, Certificates: list, Day: day}
	return []specimen{
		private("certificates", s.p.Certificates(s.asked(), s.acme, list, day)),
		private("no certificates", s.p.Certificates(s.asked(), s.acme, nil, day)),
		private("the longest certificate", s.p.Certificates(s.asked(), s.acme, long, day)),
		{caption: "new certificate", form: s.p.CertificateForm(s.asked(), s.acme)},
		{caption: "certificates that end", message: s.p.CertificatesEnd(s.acme, list[1:], day, "/task contractor certificate Acme Heating add")},
		s.firmCard("an offer that needs certificates", needs),
		private("a firm's own", s.p.Score(score)),
		{caption: "who gets a job that needs one", form: s.p.Offer(s.asked(), needs.Issue, []storage.Contractor{s.acme, s.bolt}, map[string]string{
			s.bolt.ID: s.p.Lacks([]workflow.Lack{{Name: "Gas safety"}, {Name: "F-gas", Ended: over}}),
		})},
	}
}
