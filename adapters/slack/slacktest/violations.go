package slacktest

import (
	"fmt"
	"slices"
)

// Rule names one clause of Slack's contract that the application can breach.
type Rule string

// The rules that are checked. The source of each is docs.slack.dev unless said
// otherwise.
const (
	RuleMethod      Rule = "unknown_method"  // a Web API method that does not exist here
	RuleAuth        Rule = "auth"            // a wrong or misplaced token
	RuleScope       Rule = "missing_scope"   // a method without its OAuth scope
	RuleBlocks      Rule = "blocks"          // a Block Kit limit of a message
	RuleView        Rule = "view"            // a limit of a modal or Home tab
	RuleText        Rule = "text_too_long"   // message text above 4,000 characters
	RuleRate        Rule = "rate_limit"      // more calls than the method's tier and burst
	RuleRetryAfter  Rule = "retry_after"     // a call before the Retry-After of a 429 had passed
	RuleAck         Rule = "ack_timeout"     // a delivery not acknowledged within three seconds
	RuleAckShape    Rule = "ack_shape"       // an acknowledgement Slack cannot read
	RuleAckSize     Rule = "ack_size"        // a Socket Mode answer of 20 KB or more
	RuleTrigger     Rule = "trigger"         // a trigger used twice or after three seconds
	RuleResponseURL Rule = "response_url"    // more than 5 uses, or after 30 minutes
	RuleThread      Rule = "thread"          // a reply posted under a reply's ts
	RuleUndefined   Rule = "undefined"       // behaviour Slack does not document
	RuleSocket      Rule = "socket_mode"     // misuse of a Socket Mode connection
	RuleDisabled    Rule = "events_disabled" // over 95 % of event attempts failed within an hour
)

// Violation is one breach of the contract by the application.
type Violation struct {
	Rule   Rule
	Method string // Web API method, or the kind of delivery
	Detail string // what was wrong; never carries a token
}

// String is the line a failing test shows.
func (v Violation) String() string {
	return fmt.Sprintf("slack contract: %s: %s: %s", v.Rule, v.Method, v.Detail)
}

// Violations returns every breach so far, including those of allowed rules.
func (s *Server) Violations() []Violation {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.violations)
}

// Allow says that breaches of these rules are what the test is about: they are
// still recorded, but do not fail it.
func (s *Server) Allow(rules ...Rule) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range rules {
		s.allowed[r] = true
	}
}

// violate records a breach. The lock is held.
func (s *Server) violatef(rule Rule, method, format string, args ...any) {
	s.violations = append(s.violations, Violation{Rule: rule, Method: method, Detail: fmt.Sprintf(format, args...)})
	s.touch()
}

// Unallowed returns the breaches that would fail a test.
func (s *Server) Unallowed() []Violation {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []Violation
	for _, v := range s.violations {
		if !s.allowed[v.Rule] {
			out = append(out, v)
		}
	}
	return out
}
