package chat

import "time"

// DemandsView is what the desk asks of a job's work, as the API shows it.
type DemandsView struct {
	Checklist []DemandItemView `json:"checklist"`
	// Evidence is how many photos or files the firm has to post.
	Evidence int `json:"evidence"`
	// Effort, Costs, Materials and Activity are optional, required or hidden.
	Effort    string `json:"effort"`
	Costs     string `json:"costs"`
	Materials string `json:"materials"`
	Activity  string `json:"activity"`
	// Kind is the activity type the work is booked under.
	Kind  string   `json:"kind"`
	Steps []string `json:"steps"`
	// Certificates are the names of those that a firm must have to be offered the job.
	Certificates []string `json:"certificates"`
}

// DemandItemView is an item of a checklist as it is asked for.
type DemandItemView struct {
	Text     string `json:"text"`
	Required bool   `json:"required"`
}

// ItemView is an item of a checklist as it stands with a firm.
type ItemView struct {
	Text     string `json:"text"`
	Required bool   `json:"required"`
	// By and At tell who ticked it and when; they are empty while nobody has.
	By string     `json:"by"`
	At *time.Time `json:"at"`
}

// PauseView is a halt of the work.
type PauseView struct {
	Reason string `json:"reason"`
	Text   string `json:"text"`
	// LiesWith is who has to see to it: operator or contractor.
	LiesWith string     `json:"lies_with"`
	By       string     `json:"by"`
	At       time.Time  `json:"at"`
	Until    *time.Time `json:"until"`
}

// VisitAnswerView is what the customer says to the time of a planned visit.
type VisitAnswerView struct {
	Answer string `json:"answer" enum:"agreed,another" doc:"Whether the time suits the customer, or another one would."`
	Text   string `json:"text" doc:"What would suit the customer better."`
}

// CostsView is an amount of money: a decimal number and the currency's code.
type CostsView struct {
	Amount   string `json:"amount"`
	Currency string `json:"currency"`
}
