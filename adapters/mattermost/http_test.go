package mattermost

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/gorilla/mux"

	"taskbridge/bot/chat"
)

// send delivers a request to the adapter as Mattermost would.
func send(a *Adapter, path, contentType, body string, header map[string]string) *httptest.ResponseRecorder {
	r := mux.NewRouter()
	a.Mount(r)
	req := httptest.NewRequest(http.MethodPost, path, strings.NewReader(body))
	req.Header.Set("Content-Type", contentType)
	for k, v := range header {
		req.Header.Set(k, v)
	}
	w := httptest.NewRecorder()
	r.ServeHTTP(w, req)
	return w
}

func commandBody(change url.Values) string {
	form := url.Values{
		"token": {"new-token"}, "team_id": {teamID}, "channel_id": {chanID}, "user_id": {annID}, "user_name": {"ann"},
		"command": {"/task"}, "text": {"show 12"}, "trigger_id": {"trigger-1"}, "response_url": {"https://chat.example.org/hooks/commands/x"},
	}
	maps.Copy(form, change)
	return form.Encode()
}

func actionBody(change map[string]any) string {
	m := map[string]any{
		"user_id": annID, "user_name": "ann", "channel_id": chanID, "team_id": teamID, "post_id": id("card"),
		"trigger_id": "trigger-1", "type": "button", "context": map[string]any{"t": "signed"},
	}
	maps.Copy(m, change)
	b, _ := json.Marshal(m)
	return string(b)
}

const (
	formType = "application/x-www-form-urlencoded"
	jsonType = "application/json"
)

func TestE11CommandToken(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		change url.Values
		header map[string]string
		status int
	}{
		{"right token", nil, nil, 200},
		{"older token", url.Values{"token": {"old-token"}}, nil, 200},
		{"right token beside an OAuth header", nil, map[string]string{"Authorization": "Bearer oauth"}, 200},
		{"wrong token", url.Values{"token": {"guess"}}, nil, 401},
		{"wrong token beside a right header", url.Values{"token": {"guess"}}, map[string]string{"Authorization": "Token new-token"}, 401},
		{"no token", url.Values{"token": nil}, nil, 401},
		{"another team", url.Values{"team_id": {id("other")}}, nil, 401},
		{"no trigger", url.Values{"trigger_id": nil}, nil, 400},
		{"no person", url.Values{"user_id": {"x"}}, nil, 400},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f, b := newFake(t), newBot()
			a := adapterFor(t, f, b)
			w := send(a, CommandsPath, formType, commandBody(tt.change), tt.header)
			if w.Code != tt.status {
				t.Errorf("status %d, want %d", w.Code, tt.status)
			}
			if reached := len(b.seen) == 1; reached != (tt.status == 200) {
				t.Errorf("reached the bot: %v", reached)
			}
		})
	}
}

func TestCommandAnswer(t *testing.T) {
	t.Parallel()
	f, b := newFake(t), newBot()
	a := adapterFor(t, f, b)
	b.answer = func(chat.Inbound) chat.Answer { return chat.Private(chat.T("hello <!channel> @all")) }
	w := send(a, CommandsPath, formType, commandBody(nil), nil)
	var got commandAnswer
	if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if got.ResponseType != "ephemeral" || !got.SkipSlackParsing || strings.Contains(got.Text, "@all") || strings.Contains(got.Text, "<!") {
		t.Errorf("answer = %+v", got)
	}
	again := send(a, CommandsPath, formType, commandBody(nil), nil)
	if again.Code != 200 || len(b.seen) != 1 {
		t.Error("the same trigger must keep its key")
	}
	in := b.seen[0]
	if c := in.Body.(chat.Command); c.Text != "show 12" || c.Reply == "" || in.From != (chat.Person{ID: annID, Name: "ann"}) || in.Workspace != "mattermost:"+teamID {
		t.Errorf("inbound = %+v", in)
	}
	if strings.Contains(in.Key, "trigger-1") || in.Raw != nil {
		t.Error("the trigger is a secret and must be neither in the key nor kept")
	}
}

func TestFailureIsSaidInWords(t *testing.T) {
	t.Parallel()
	f, b := newFake(t), newBot()
	a := adapterFor(t, f, b)
	b.refuse = func(chat.Inbound) error { return errTest }
	dialog := `{"state":"s","user_id":"` + annID + `","channel_id":"` + chanID + `","submission":{}}`
	for _, w := range []*httptest.ResponseRecorder{
		send(a, CommandsPath, formType, commandBody(nil), nil),
		send(a, ActionsPath, jsonType, actionBody(nil), nil),
		send(a, DialogsPath, jsonType, dialog, nil),
	} {
		if !strings.Contains(w.Body.String(), "nothing was changed") || strings.Contains(w.Body.String(), "database") {
			t.Errorf("body = %s", w.Body)
		}
	}
}

func TestE09ForgedClicks(t *testing.T) {
	t.Parallel()
	f, b := newFake(t), newBot()
	a := adapterFor(t, f, b)
	b.answer = func(in chat.Inbound) chat.Answer {
		c := in.Body.(chat.Click)
		// The bot's signature binds the channel.
		if c.Token != "signed" || in.Channel != chanID {
			return chat.Answer{Refused: unauthenticated}
		}
		return chat.Private(chat.T("done"))
	}
	tests := []struct {
		name   string
		change map[string]any
		status int
	}{
		{"signed", nil, 200},
		{"altered", map[string]any{"context": map[string]any{"t": "altered"}}, 401},
		{"missing", map[string]any{"context": map[string]any{}}, 401},
		{"no context", map[string]any{"context": nil}, 401},
		{"foreign channel", map[string]any{"channel_id": id("elsewhere")}, 401},
		{"token of another type", map[string]any{"context": map[string]any{"t": 7}}, 401},
		{"no post", map[string]any{"post_id": ""}, 400},
	}
	for _, tt := range tests {
		f.mu.Lock()
		before := len(f.calls)
		f.mu.Unlock()
		if w := send(a, ActionsPath, jsonType, actionBody(tt.change), nil); w.Code != tt.status {
			t.Errorf("%s: status %d, want %d", tt.name, w.Code, tt.status)
		}
		f.mu.Lock()
		if tt.status != 200 && len(f.calls) != before {
			t.Errorf("%s: a stranger made us call the server: %v", tt.name, f.calls[before:])
		}
		f.mu.Unlock()
	}
	w := send(a, ActionsPath, jsonType, actionBody(nil), nil)
	if got := w.Body.String(); strings.Contains(got, "update") || !strings.Contains(got, `"skip_slack_parsing":true`) {
		t.Errorf("answer = %s", got)
	}
}

func TestE10ForgedForms(t *testing.T) {
	t.Parallel()
	f, b := newFake(t), newBot()
	a := adapterFor(t, f, b)
	b.answer = func(in chat.Inbound) chat.Answer {
		// The bot's signature binds the person.
		if in.Body.(chat.Submitted).Token != "state-of-"+in.From.ID {
			return chat.Answer{Refused: unauthenticated}
		}
		return chat.Answer{}
	}
	body := func(state, user string) string {
		return `{"type":"dialog_submission","state":"` + state + `","user_id":"` + user + `","channel_id":"` + chanID + `","submission":{"a":"b"}}`
	}
	if w := send(a, DialogsPath, jsonType, body("state-of-"+annID, annID), nil); w.Code != 200 {
		t.Errorf("right person: %d", w.Code)
	}
	for name, bad := range map[string]string{"another person": body("state-of-"+annID, id("eve")), "no state": body("", annID)} {
		if w := send(a, DialogsPath, jsonType, bad, nil); w.Code != 401 {
			t.Errorf("%s: %d", name, w.Code)
		}
	}
	if w := send(a, DialogsPath, jsonType, `{"user_id":"`+annID+`","cancelled":true}`, nil); w.Code != 200 {
		t.Errorf("cancelled: %d", w.Code)
	}
}

func TestDialogErrorsKeepItOpen(t *testing.T) {
	t.Parallel()
	f, b := newFake(t), newBot()
	a := adapterFor(t, f, b)
	b.answer = func(chat.Inbound) chat.Answer {
		return chat.Answer{FieldErrors: map[string]string{"due": "This is no date.", "": "Please look again."}}
	}
	w := send(a, DialogsPath, jsonType, `{"state":"s","user_id":"`+annID+`","channel_id":"`+chanID+`","submission":{}}`, nil)
	if got := strings.TrimSpace(w.Body.String()); got != `{"error":"Please look again.","errors":{"due":"This is no date."}}` {
		t.Errorf("answer = %s", got)
	}
}

func TestDialogSuccessIsToldPrivately(t *testing.T) {
	t.Parallel()
	f, b := newFake(t), newBot()
	a := adapterFor(t, f, b)
	b.answer = func(chat.Inbound) chat.Answer { return chat.Private(chat.T("Issue 7 was made.")) }
	w := send(a, DialogsPath, jsonType, `{"state":"s","user_id":"`+annID+`","channel_id":"`+chanID+`","submission":{}}`, nil)
	if strings.TrimSpace(w.Body.String()) != `{}` {
		t.Errorf("answer = %s", w.Body)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, p := range f.posts {
		if p.ChannelID == id("direct") && strings.Contains(p.Message, "Issue 7") {
			return
		}
	}
	t.Error("no direct message was posted")
}

func TestE28FormOpens(t *testing.T) {
	t.Parallel()
	f, b := newFake(t), newBot()
	a := adapterFor(t, f, b)
	form := chat.Form{Title: "Новая заявка", Submit: "Готово", Token: "state", Fields: []chat.Field{{Name: "title", Label: "Наименование", Kind: chat.Line}}}
	b.answer = func(chat.Inbound) chat.Answer {
		return chat.Answer{Form: &form, Fallback: chat.Message{Text: chat.T("Write /task new TITLE.")}}
	}
	if w := send(a, CommandsPath, formType, commandBody(nil), nil); strings.TrimSpace(w.Body.String()) != "{}" {
		t.Errorf("answer = %s", w.Body)
	}
	if len(f.opened) != 1 {
		t.Fatal("no form was opened")
	}
	d := f.opened[0]
	if d.Dialog.Title != "Новая заявка" || d.Dialog.Elements[0].DisplayName != "Наименование" || d.Dialog.State != "state" ||
		d.TriggerID != "trigger-1" || d.URL != "https://bridge.example.org"+DialogsPath {
		t.Errorf("opened %+v", d)
	}
	f.refuseOpen = true
	for _, w := range []*httptest.ResponseRecorder{
		send(a, CommandsPath, formType, commandBody(nil), nil),
		send(a, ActionsPath, jsonType, actionBody(nil), nil),
	} {
		if !strings.Contains(w.Body.String(), "Write /task new TITLE") {
			t.Errorf("fallback = %s", w.Body)
		}
	}
}

func TestBodiesAreBounded(t *testing.T) {
	t.Parallel()
	f, b := newFake(t), newBot()
	a := adapterFor(t, f, b)
	big := strings.Repeat("x", maxBody+1)
	for _, path := range []string{CommandsPath, ActionsPath, DialogsPath} {
		if w := send(a, path, jsonType, big, nil); w.Code != http.StatusRequestEntityTooLarge {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
	if len(b.seen) > 0 {
		t.Error("an oversized body reached the bot")
	}
}
