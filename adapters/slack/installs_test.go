package slack

import (
	"encoding/json"
	"net/http"
	"net/url"
	"testing"

	"taskbridge/adapters/slack/slacktest"
)

// TestEventsOfOtherInstallations: an app that is distributed has one address for all of
// them. Only what is ours is taken, also where the workspace belongs to an organisation.
func TestEventsOfOtherInstallations(t *testing.T) {
	t.Parallel()
	type auth map[string]any
	tests := map[string]struct {
		org      string // ours
		envelope map[string]any
		taken    bool
	}{
		"ours":                          {envelope: map[string]any{"team_id": "T0HOME001"}, taken: true},
		"a partner's, nobody named":     {envelope: map[string]any{"team_id": "T0ALIEN01"}, taken: true},
		"another's":                     {envelope: map[string]any{"team_id": "T0ALIEN01", "context_team_id": "T0ALIEN01", "authorizations": []auth{{"team_id": "T0ALIEN01"}}}},
		"by way of a shared channel":    {envelope: map[string]any{"team_id": "T0ALIEN01", "context_team_id": "T0HOME001"}, taken: true},
		"both see it, theirs is listed": {envelope: map[string]any{"team_id": "T0HOME001", "context_team_id": "T0ALIEN01", "authorizations": []auth{{"team_id": "T0ALIEN01"}}}, taken: true},
		"of our organisation": {
			org:      "E0OURS001",
			envelope: map[string]any{"team_id": "T0SISTER1", "context_enterprise_id": "E0OURS001", "authorizations": []auth{{"team_id": "T0SISTER1", "enterprise_id": "E0OURS001"}}},
			taken:    true,
		},
		"of our organisation, which is named": {
			org:      "E0OURS001",
			envelope: map[string]any{"team_id": "E0OURS001", "authorizations": []auth{{"team_id": nil, "enterprise_id": nil}}},
			taken:    true,
		},
		"of another organisation": {
			org:      "E0OURS001",
			envelope: map[string]any{"team_id": "T0ALIEN01", "context_enterprise_id": "E0ALIEN01", "authorizations": []auth{{"team_id": "T0ALIEN01", "enterprise_id": "E0ALIEN01"}}},
		},
		"of a workspace in no organisation": {
			org:      "E0OURS001",
			envelope: map[string]any{"team_id": "T0ALIEN01", "context_enterprise_id": nil, "authorizations": []auth{{"team_id": "T0ALIEN01", "enterprise_id": nil}}},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a, h := installedIn(t, tt.org)
			tt.envelope["type"], tt.envelope["event_id"] = "event_callback", "Ev1"
			tt.envelope["event"] = map[string]any{"type": "message", "channel": "C0TASKS01", "user": "U0ANNA001", "text": "hello", "ts": "1700000001.000200"}
			raw, err := json.Marshal(tt.envelope)
			if err != nil {
				t.Fatal(err)
			}
			if code := deliver(t, a, raw); code != http.StatusOK {
				t.Errorf("status %d", code)
			}
			if got := len(h.all()) == 1; got != tt.taken {
				t.Errorf("taken: %v, want %v", got, tt.taken)
			}
		})
	}
}

// TestTheEndOfAnInstallation is that of the one whose tokens we hold, and of the bot's.
func TestTheEndOfAnInstallation(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		body string
		ends bool
	}{
		"uninstalled":           {`{"type":"event_callback","team_id":"T0HOME001","event_id":"Ev1","event":{"type":"app_uninstalled"}}`, true},
		"uninstalled elsewhere": {`{"type":"event_callback","team_id":"T0ALIEN01","event_id":"Ev1","event":{"type":"app_uninstalled"}}`, false},
		"the bot's token":       {`{"type":"event_callback","team_id":"T0HOME001","event_id":"Ev1","event":{"type":"tokens_revoked","tokens":{"oauth":["U0ANNA001"],"bot":["U0BOT0001"]}}}`, true},
		"a person's token":      {`{"type":"event_callback","team_id":"T0HOME001","event_id":"Ev1","event":{"type":"tokens_revoked","tokens":{"oauth":["U0ANNA001"]}}}`, false},
		"a token elsewhere":     {`{"type":"event_callback","team_id":"T0ALIEN01","event_id":"Ev1","event":{"type":"tokens_revoked","tokens":{"bot":["U0BOT0002"]}}}`, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := newOffline(t, newRecorder())
			if code := deliver(t, a, []byte(tt.body)); code != http.StatusOK {
				t.Errorf("status %d", code)
			}
			if ended := a.Healthy() != nil; ended != tt.ends {
				t.Errorf("ended: %v, want %v", ended, tt.ends)
			}
		})
	}
}

// TestATokenThatWorksIsNotRevoked: one of two tokens was, or the app was put back.
func TestATokenThatWorksIsNotRevoked(t *testing.T) {
	t.Parallel()
	a, fake := newConnected(t, slacktest.Options{}, newRecorder())
	if _, err := fake.DeliverEvent([]byte(`{"type":"tokens_revoked","tokens":{"bot":["U0BOT0001"]}}`)); err != nil || a.Healthy() == nil {
		t.Fatalf("nothing is wrong after the event, %v", err)
	}
	if err := a.Start(t.Context()); err != nil || a.Healthy() != nil {
		t.Errorf("once a call got through: %v, %v", err, a.Healthy())
	}
}

// TestCommandsOfOtherInstallations are answered and go no further.
func TestCommandsOfOtherInstallations(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		ours, team, org string
		taken           bool
	}{
		"ours":                              {team: "T0HOME001", taken: true},
		"another's":                         {team: "T0ALIEN01"},
		"of our organisation":               {ours: "E0OURS001", team: "T0SISTER1", org: "E0OURS001", taken: true},
		"of another organisation":           {ours: "E0OURS001", team: "T0ALIEN01", org: "E0ALIEN01"},
		"of a workspace in no organisation": {ours: "E0OURS001", team: "T0ALIEN01"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a, h := installedIn(t, tt.ours)
			form := url.Values{"command": {"/task"}, "text": {"list"}, "user_id": {"U0ANNA001"}, "channel_id": {"C0TASKS01"}, "team_id": {tt.team}, "enterprise_id": {tt.org}, "trigger_id": {"1.2.3"}}
			if rec := post(a, "/slack/commands", []byte(form.Encode()), nil); rec.Code != http.StatusOK {
				t.Errorf("status %d", rec.Code)
			}
			if got := len(h.all()) == 1; got != tt.taken {
				t.Errorf("taken: %v, want %v", got, tt.taken)
			}
		})
	}
}

// TestAWithheldMinuteOfOthers is no gap of ours.
func TestAWithheldMinuteOfOthers(t *testing.T) {
	t.Parallel()
	h := newRecorder()
	a := newOffline(t, h)
	deliver(t, a, []byte(`{"type":"app_rate_limited","team_id":"T0ALIEN01","minute_rate_limited":1700000040,"api_app_id":"A0BRIDGE1"}`))
	if got := h.missed(); len(got) != 0 {
		t.Errorf("told of %+v", got)
	}
	if got := h.all(); len(got) != 0 {
		t.Errorf("handed over %T", got[0].Body)
	}
}

// installedIn is an adapter of our workspace, which belongs to an organisation, or to none.
func installedIn(t *testing.T, org string) (*Adapter, *recorder) {
	t.Helper()
	h := newRecorder()
	a := newOffline(t, h)
	id := testIdentity()
	id.enterpriseID = org
	a.id.Store(id)
	return a, h
}
