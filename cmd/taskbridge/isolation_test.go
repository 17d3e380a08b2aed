package main

import (
	"crypto/sha256"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"taskbridge/adapters/web"
)

// roles are everybody who may come along.
func roles() []string {
	return []string{nobody, operator, administrator, manager, firmA, firmB, external}
}

// may says who gets something of an address, and what they get. Everybody else is
// refused.
type may struct {
	// status is the answer to who may.
	status int
	// who may, for each thing that stands in the address. An address in which nothing
	// stands has the one thing "".
	who map[string][]string
	// values is what is sent.
	values url.Values
	// refusal is the answer to who is signed in and may not, 404 when zero: what is not
	// for somebody is not there.
	refusal int
	// outsider is the answer to who belongs to nothing, refusal when zero.
	outsider int
}

// things are what can stand in addresses: by the name in braces and the thing's own.
type things map[string]map[string]string

// matrix is who may do what in the workspace. The rule is no; a row for each address
// says to whom it is yes. The test fails for an address without a row.
func matrix() map[string]may {
	signed := map[string][]string{"": {operator, administrator, manager, firmA, firmB, external}}
	rooms := map[string][]string{
		web.Operations: {operator, administrator}, web.Managers: {manager},
		"Acme": {operator, administrator, firmA}, "Bright": {operator, administrator, firmB}, "unknown": nil,
	}
	with := func(m map[string][]string, more map[string][]string) map[string][]string {
		out := maps.Clone(m)
		maps.Copy(out, more)
		return out
	}
	own := map[string][]string{"you": signed[""]}
	insiders := []string{operator, administrator, manager, firmA, firmB}
	messages := map[string][]string{
		"card of the desk": rooms[web.Operations], "card of Acme": rooms["Acme"], "card of Bright": rooms["Bright"],
		"said by firm A": rooms["Acme"], "said by the operator": rooms[web.Operations], "for the operator alone": {operator}, "unknown": nil,
	}
	return map[string]may{
		"GET /web/":                       {status: 200, who: signed, refusal: 200},
		"GET /web/c/{channel}":            {status: 200, who: with(rooms, own)},
		"GET /web/c/{channel}/t/{thread}": {status: 200, who: map[string][]string{web.Operations: rooms[web.Operations], "Acme": rooms["Acme"], "Bright": rooms["Bright"], "unknown": nil, "thread of another channel": nil}},
		"GET /web/c/{channel}/pins":       {status: 200, who: rooms},
		"GET /web/c/{channel}/people":     {status: 200, who: rooms},
		"POST /web/c/{channel}/say":       {status: 204, who: rooms, values: url.Values{"text": {"Hello"}}},
		"POST /web/c/{channel}/form":      {status: 403, who: with(rooms, own), values: url.Values{"token": {"made up"}, "fields": {"reason"}}},
		"POST /web/c/{channel}/seen":      {status: 204, who: rooms, values: url.Values{"seq": {"1"}}},
		"POST /web/m/{message}/press":     {status: 409, who: messages, values: url.Values{"button": {"not there"}}},
		"POST /web/m/{message}/pin":       {status: 204, who: with(messages, map[string][]string{"for the operator alone": nil})},
		"GET /web/m/{message}/edit":       {status: 200, who: map[string][]string{"said by firm A": {firmA}, "said by the operator": {operator}}},
		"POST /web/m/{message}/edit":      {status: 204, who: map[string][]string{"said by firm A": {firmA}, "said by the operator": {operator}}, values: url.Values{"text": {"Changed"}}},
		"POST /web/m/{message}/delete":    {status: 204, who: map[string][]string{"said by firm A": {firmA}, "said by the operator": {operator}, "for the operator alone": {operator}}},
		"GET /web/f/{file}":               {status: 200, who: map[string][]string{"of Acme": rooms["Acme"], "of the desk": rooms[web.Operations], "not shown yet": nil, "unknown": nil}},
		"GET /web/f/{file}/preview":       {status: 200, who: map[string][]string{"of Acme": rooms["Acme"], "of the desk": rooms[web.Operations], "not shown yet": nil, "unknown": nil}},
		"GET /web/live":                   {status: 200, who: signed},
		"POST /web/sign-out":              {status: 303, who: signed},
		// The pages about jobs and figures.
		"GET /web/jobs": {status: 200, who: map[string][]string{"": insiders}, refusal: 403},
		"GET /web/jobs/{number}": {status: 200, who: map[string][]string{
			"job of Acme": {operator, administrator, manager, firmA}, "job of Bright": {operator, administrator, manager, firmB}, "no job": nil,
		}, outsider: 403},
		"GET /web/board":     {status: 200, who: map[string][]string{"": insiders}, refusal: 403},
		"GET /web/board.csv": {status: 200, who: map[string][]string{"": insiders}, refusal: 403},
		"GET /web/steps":     {status: 200, who: map[string][]string{"": {administrator}}, refusal: 403},
		"POST /web/steps":    {status: 403, who: map[string][]string{"": {administrator}}, refusal: 403, values: url.Values{"token": {"made up"}}},
		"GET /web/jobs/{number}/files/{digest}": {status: 200, who: map[string][]string{
			"job of Acme": {operator, administrator, manager, firmA}, "job of Bright": nil, "no job": nil,
		}, outsider: 403},
		"GET /web/jobs/{number}/files/{digest}/preview": {status: 200, who: map[string][]string{
			"job of Acme": {operator, administrator, manager, firmA}, "job of Bright": nil, "no job": nil,
		}, outsider: 403},
		// Those of the workspace itself have a job's card for this.
		"POST /web/jobs/{number}/press": {status: 200, who: map[string][]string{"job of Acme": nil, "job of Bright": nil, "no job": nil}},
		"POST /web/jobs/{number}/write": {status: 200, who: map[string][]string{"job of Acme": nil, "job of Bright": nil, "no job": nil}},
		// Open to everybody: nothing is in them.
		"GET /web/assets/{version}/{name}": {status: 200, who: map[string][]string{"style": roles()}},
		"GET /web/sign-in":                 {status: 200, who: map[string][]string{"": roles()}},
		"POST /web/sign-in":                {status: 404, who: map[string][]string{"": roles()}},
		"GET /web/sign-in/{secret}":        {status: 410, who: map[string][]string{"made up": roles()}},
		"POST /web/sign-in/{secret}":       {status: 410, who: map[string][]string{"made up": roles()}},
	}
}

// furnish puts one of each thing into the house.
func (h *house) furnish() things {
	h.t.Helper()
	h.says(firmA, "Acme", h.cards["Acme"], "Said by Ben")
	h.says(operator, web.Operations, h.cards[web.Operations], "Said by Olivia")
	h.says(operator, web.Operations, "", "/task list")
	for _, at := range []struct{ role, channel string }{{firmA, "Acme"}, {operator, web.Operations}} {
		if a := h.attaches(at.role, at.channel, h.cards[at.channel], "plan.txt", "text/plain", []byte("the plan of "+at.channel)); a.status != http.StatusNoContent {
			h.t.Fatalf("attach: %d %s", a.status, a.text)
		}
	}
	file := func(channel string) string { return h.said(channel, h.cards[channel], "See plan.txt").Files[0] }
	hidden, err := h.station.store.TalkFile(h.t.Context(), "main", file("Acme"))
	must(h.t, err)
	hidden.ID, hidden.Message = "notshownyet", ""
	must(h.t, h.station.store.PutTalkFile(h.t.Context(), "main", hidden))
	digest := fmt.Sprintf("%x", sha256.Sum256([]byte("the plan of Acme")))
	h.until("the plan of Acme is kept", func() bool {
		return h.send(firmA, http.MethodGet, "/web/jobs/1/files/"+digest, nil).status == http.StatusOK
	})
	private := ""
	for _, m := range h.messages(web.Operations, "") {
		if m.To == h.ids[operator] {
			private = m.ID
		}
	}
	style, _, _ := strings.Cut(h.send(nobody, http.MethodGet, "/web/", nil).text, ".css")
	_, style, _ = strings.Cut(style, "/web/assets/")
	version, _, _ := strings.Cut(style, "/")
	rooms := maps.Clone(h.rooms)
	rooms["you"], rooms["unknown"], rooms["thread of another channel"] = "you", "zzzzzzzz", h.rooms["Acme"]
	return things{
		"channel": rooms,
		"thread": {
			web.Operations: h.cards[web.Operations], "Acme": h.cards["Acme"], "Bright": h.cards["Bright"],
			"unknown": "zzzzzzzz", "thread of another channel": h.cards["Bright"],
		},
		"message": {
			"card of the desk": h.cards[web.Operations], "card of Acme": h.cards["Acme"], "card of Bright": h.cards["Bright"],
			"said by firm A":       h.said("Acme", h.cards["Acme"], "Said by Ben").ID,
			"said by the operator": h.said(web.Operations, h.cards[web.Operations], "Said by Olivia").ID, "for the operator alone": private, "unknown": "zzzzzzzz",
		},
		"file":    {"of Acme": file("Acme"), "of the desk": file(web.Operations), "not shown yet": "notshownyet", "unknown": "zzzzzzzz"},
		"number":  {"job of Acme": "1", "job of Bright": "2", "no job": "99"},
		"digest":  {"job of Acme": digest, "job of Bright": digest, "no job": digest},
		"secret":  {"made up": strings.Repeat("A", 52)},
		"version": {"style": version},
		"name":    {"style": "web.css"},
	}
}

// of lists what can stand in an address, also what its row says nothing of.
func (t things) of(e web.Endpoint, row may) []string {
	for _, name := range []string{"thread", "channel", "message", "file", "number"} {
		if strings.Contains(e.Path, "{"+name+"}") {
			return slices.DeleteFunc(slices.Sorted(maps.Keys(t[name])), func(thing string) bool {
				return name == "channel" && thing == "thread of another channel"
			})
		}
	}
	return slices.Sorted(maps.Keys(row.who))
}

// fill puts a thing into an address.
func (t things) fill(path, thing string) string {
	for name, of := range t {
		path = strings.ReplaceAll(path, "{"+name+"}", url.PathEscape(of[thing]))
	}
	return path
}

// TestIsolation walks every address of the workspace as everybody: who may not is
// refused in the same words whether the thing is there or not, nothing changes by it,
// and nobody reads what is not theirs on the pages that they may see.
func TestIsolation(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	things, rows := h.furnish(), matrix()
	endpoints := h.web.Endpoints()
	for _, e := range endpoints {
		if _, ok := rows[e.Method+" "+e.Path]; !ok {
			t.Errorf("nothing says who may do %s %s", e.Method, e.Path)
		}
	}
	each := func(do func(e web.Endpoint, row may, thing, role string, allowed bool)) {
		for _, e := range endpoints {
			row := rows[e.Method+" "+e.Path]
			for _, thing := range things.of(e, row) {
				for _, role := range roles() {
					// Nobody is kept waiting for being fast.
					h.past.pass(time.Second)
					do(e, row, thing, role, slices.Contains(row.who[thing], role))
				}
			}
		}
	}
	before := h.change()
	each(func(e web.Endpoint, row may, thing, role string, allowed bool) {
		if allowed {
			return
		}
		a := h.send(role, e.Method, h.address(things, e, thing), row.values)
		want := http.StatusUnauthorized
		if role != nobody {
			if want = http.StatusNotFound; row.refusal != 0 {
				want = row.refusal
			}
			if role == external && row.outsider != 0 {
				want = row.outsider
			}
		}
		// That somebody else wrote a message is no secret to who reads it.
		if a.status != want && (a.status != http.StatusForbidden || !slices.Contains(matrix()["POST /web/m/{message}/press"].who[thing], role)) {
			t.Errorf("%s: %s %s of %q: %d %.80s, want %d", role, e.Method, e.Path, thing, a.status, a.text, want)
		}
		h.leaks(role, a, e)
	})
	if now := h.change(); now != before {
		t.Errorf("what was refused changed something: %d, then %d", before, now)
	}
	each(func(e web.Endpoint, row may, thing, role string, allowed bool) {
		if !allowed || e.Path == "/web/sign-out" || strings.HasSuffix(e.Path, "/delete") {
			return
		}
		a := h.send(role, e.Method, h.address(things, e, thing), row.values)
		if a.status != row.status {
			t.Errorf("%s: %s %s of %q: %d %.80s, want %d", role, e.Method, e.Path, thing, a.status, a.text, row.status)
		}
		h.leaks(role, a, e)
	})
	// What ends things comes last.
	each(func(e web.Endpoint, row may, thing, role string, allowed bool) {
		if !allowed || !strings.HasSuffix(e.Path, "/delete") {
			return
		}
		if a := h.send(role, e.Method, h.address(things, e, thing), nil); a.status != row.status {
			t.Errorf("%s: delete %q: %d %s", role, thing, a.status, a.text)
		}
	})
	for _, role := range roles()[1:] {
		if a := h.send(role, http.MethodPost, "/web/sign-out", nil); a.status != http.StatusSeeOther {
			t.Errorf("%s: sign out: %d %s", role, a.status, a.text)
		}
		if a := h.send(role, http.MethodGet, "/web/c/"+h.rooms["Acme"], nil); a.status != http.StatusUnauthorized {
			t.Errorf("%s: the cookie of a session that was ended still counts: %d", role, a.status)
		}
	}
}

// address is where a thing is.
func (h *house) address(t things, e web.Endpoint, thing string) string {
	path := t.fill(e.Path, thing)
	if e.Path == "/web/live" {
		path += "?since=0&room=" + h.rooms["Acme"]
	}
	return path
}

// leaks looks for what a role must not read.
func (h *house) leaks(role string, a answered, e web.Endpoint) {
	h.t.Helper()
	hidden := map[string][]string{
		nobody:   {"Boiler of Acme", "Lock of Bright", "Internal note", "Olivia"},
		external: {"Boiler of Acme", "Lock of Bright", "Internal note", "Olivia", "Acme"},
		manager:  {"Internal note", "Said by Ben"},
		firmA:    {"Lock of Bright", "Internal note", "Said by Olivia", "Bright", "plan of operations"},
		firmB:    {"Boiler of Acme", "Internal note", "Said by Olivia", "Said by Ben", "Acme"},
	}
	for _, words := range hidden[role] {
		if role == manager && strings.HasPrefix(e.Path, "/web/jobs") {
			// A manager sees all of a job, notes included; the channels are not theirs.
			continue
		}
		if strings.Contains(a.text, words) {
			h.t.Errorf("%s reads %q at %s %s", role, words, e.Method, e.Path)
		}
	}
}

// TestOtherMethodsAndSites: an address takes its own method alone, and what another site
// makes a browser send is refused, whoever is signed in there.
func TestOtherMethodsAndSites(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	things, rows := h.furnish(), matrix()
	before := h.change()
	for _, e := range h.web.Endpoints() {
		if e.Method != http.MethodPost {
			continue
		}
		row := rows[e.Method+" "+e.Path]
		thing := slices.Sorted(maps.Keys(row.who))[0]
		path := h.address(things, e, thing)
		for name, header := range map[string][2]string{"another site": {"Sec-Fetch-Site", "cross-site"}, "a site beside": {"Sec-Fetch-Site", "same-site"}, "another origin": {"Origin", "https://evil.example"}} {
			r := h.request(administrator, http.MethodPost, path, row.values)
			r.Header.Set(header[0], header[1])
			if a := h.do(r); a.status != http.StatusForbidden || !strings.Contains(a.text, "another site") {
				t.Errorf("POST %s from %s: %d %s", e.Path, name, a.status, a.text)
			}
		}
		for _, method := range []string{http.MethodPut, http.MethodDelete, http.MethodPatch, http.MethodTrace, http.MethodOptions} {
			if a := h.send(administrator, method, path, nil); a.status < 400 {
				t.Errorf("%s %s: %d", method, e.Path, a.status)
			}
		}
	}
	if now := h.change(); now != before {
		t.Errorf("something was changed: %d, then %d", before, now)
	}
	for _, e := range h.web.Endpoints() {
		a := h.send(nobody, e.Method, h.address(things, e, slices.Sorted(maps.Keys(rows[e.Method+" "+e.Path].who))[0]), nil)
		for name, want := range map[string]string{"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "default-src 'none'", "Referrer-Policy": "same-origin"} {
			if !strings.Contains(a.header.Get(name), want) {
				t.Errorf("%s %s: %s is %q", e.Method, e.Path, name, a.header.Get(name))
			}
		}
	}
}

// TestSessionsMeanNothingElsewhere: who is signed in to the workspace is nobody to the
// API, and the API's token opens no page.
func TestSessionsMeanNothingElsewhere(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	for _, role := range roles() {
		for _, path := range []string{"/api/v1/issues", "/api/v1/issues/1", "/api/v1/issues/1/comments", "/api/v1/contractors", "/api/v1/files/" + strings.Repeat("0", 64)} {
			if a := h.send(role, http.MethodGet, path, nil); a.status != http.StatusUnauthorized {
				t.Errorf("%s: %s: %d", role, path, a.status)
			}
		}
	}
	r := h.request(nobody, http.MethodGet, "/web/c/"+h.rooms["Acme"], nil)
	r.Header.Set("Authorization", "Bearer "+h.station.cfg.apiToken.reveal())
	if a := h.do(r); a.status != http.StatusUnauthorized {
		t.Errorf("the token of the API opens a page: %d", a.status)
	}
	// Nobody is somebody by an address alone where there is no demonstration.
	if a := h.send(nobody, http.MethodGet, "/web/as/olivia/c/"+h.rooms["Acme"], nil); a.status != http.StatusNotFound {
		t.Errorf("a persona's address: %d", a.status)
	}
}

// TestButtonsAndFormsBelongToOne: what the operator or another firm makes of a firm's
// button or form is refused in private, and its own works once.
func TestButtonsAndFormsBelongToOne(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	press := func(role, button string) answered {
		return h.send(role, http.MethodPost, "/web/m/"+h.cards["Acme"]+"/press", url.Values{"button": {button}})
	}
	for _, role := range []string{manager, firmB, external} {
		if a := press(role, "accept"); a.status != http.StatusNotFound {
			t.Errorf("%s presses Accept: %d %s", role, a.status, a.text)
		}
	}
	// The desk's people see the card, and accepting is not theirs.
	for _, role := range []string{operator, administrator} {
		a := press(role, "accept")
		if a.status >= 500 || h.state(1) != "assigned" {
			t.Errorf("%s presses Accept: %d %s, and it is %s", role, a.status, a.text, h.state(1))
		}
	}
	form := press(firmA, "decline")
	token := formToken.FindStringSubmatch(form.text)
	if token == nil {
		t.Fatalf("no form: %d %s", form.status, form.text)
	}
	send := func(role, channel, token, once string) answered {
		return h.send(role, http.MethodPost, "/web/c/"+h.rooms[channel]+"/form", url.Values{
			"token": {token}, "fields": {"reason,text"}, "f-reason": {"other"}, "f-text": {"No"}, "once": {once},
		})
	}
	for n, stolen := range []struct{ role, channel string }{{firmB, "Bright"}, {operator, "Acme"}, {external, ""}} {
		h.rooms[""] = "you"
		a := send(stolen.role, stolen.channel, token[1], fmt.Sprintf("stolen-%d", n))
		if a.status < 400 && !strings.Contains(a.text, "error") || h.state(1) != "assigned" {
			t.Errorf("%s sends the form of firm A: %d %s", stolen.role, a.status, a.text)
		}
	}
	if a := send(firmA, "Acme", token[1]+"A", "changed-1"); a.status != http.StatusForbidden {
		t.Errorf("a changed token: %d %s", a.status, a.text)
	}
	for n := range 3 {
		if a := send(firmA, "Acme", token[1], "the-same-1"); a.status >= 300 || h.state(1) != "declined" {
			t.Errorf("the form, sent for the %d. time: %d %s, and it is %s", n+1, a.status, a.text, h.state(1))
		}
	}
	events, err := h.station.engine.Events(t.Context(), 1, 0, 100)
	must(t, err)
	declined := 0
	for _, e := range events {
		if strings.Contains(e.Kind, "declin") {
			declined++
		}
	}
	if declined != 1 {
		t.Errorf("it was declined %d times", declined)
	}
}
