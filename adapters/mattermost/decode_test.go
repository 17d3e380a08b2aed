package mattermost

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"
	"time"

	"taskbridge/bot/chat"
)

func testDecoder() decoder {
	return decoder{workspace: "mattermost:" + teamID, self: botID, teamID: teamID, siteURL: "https://chat.example.org", now: time.UnixMilli(9000).UTC()}
}

func TestDecoderRefusals(t *testing.T) {
	t.Parallel()
	good := func() post {
		return post{ID: id("p"), ChannelID: chanID, UserID: annID, Message: "x", CreateAt: 1, EditAt: 2}
	}
	tests := map[string]func(*post){
		"system notice":   func(p *post) { p.Type = "system_join_channel" },
		"copy of an edit": func(p *post) { p.OriginalID = id("o") },
		"already deleted": func(p *post) { p.DeleteAt = 3 },
		"no author":       func(p *post) { p.UserID = "" },
		"no channel":      func(p *post) { p.ChannelID = "x" },
		"bad id":          func(p *post) { p.ID = "../../etc" },
	}
	for name, spoil := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := good()
			spoil(&p)
			if in, ok := testDecoder().said(&p); ok {
				t.Errorf("said %+v", in)
			}
			if in, ok := testDecoder().edited(&p); ok {
				t.Errorf("edited %+v", in)
			}
		})
	}
}

func TestDecoderFiles(t *testing.T) {
	t.Parallel()
	p := post{
		ID: id("p"), ChannelID: chanID, UserID: annID, CreateAt: 1, FileIDs: []string{id("f1"), "nonsense", id("f2")},
		Metadata: &postMetadata{Files: []fileInfo{{ID: id("f1"), Name: "a.png", Size: 7, MimeType: "image/png"}}},
	}
	in, _ := testDecoder().said(&p)
	files := in.Body.(chat.Said).Files
	if len(files) != 2 || files[0].Name != "a.png" || files[0].Size != 7 || files[1].ID != id("f2") {
		t.Errorf("files = %+v", files)
	}
}

func TestPersonKinds(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		user  user
		kind  chat.PersonKind
		admin bool
	}{
		{"member", user{Roles: "system_user"}, chat.Member, false},
		{"administrator", user{Roles: "system_user system_admin"}, chat.Member, true},
		{"guest", user{Roles: "system_guest"}, chat.Guest, false},
		{"bot", user{IsBot: true, Roles: "system_user system_admin"}, chat.Bot, false},
		{"remote", user{RemoteID: "r", Roles: "system_user"}, chat.External, false},
		{"deactivated", user{DeleteAt: 1, Roles: "system_admin"}, "", false},
		{"look-alike role", user{Roles: "system_admin_of_nothing"}, chat.Member, false},
	}
	for _, tt := range tests {
		if p := personOf(tt.user); p.Kind != tt.kind || p.Admin != tt.admin {
			t.Errorf("%s: %+v", tt.name, p)
		}
	}
}

func TestFormKeys(t *testing.T) {
	t.Parallel()
	body := func(title string) []byte {
		b, _ := json.Marshal(map[string]any{"state": "s", "user_id": annID, "channel_id": chanID, "submission": map[string]any{"title": title, "ok": true, "n": nil}})
		return b
	}
	first, _, ok := decodeDialog(body("a"))
	if !ok {
		t.Fatal("refused")
	}
	again, _, _ := decodeDialog(body("a"))
	other, _, _ := decodeDialog(body("b"))
	if first.Key != again.Key || first.Key == other.Key {
		t.Errorf("keys: %s %s %s", first.Key, again.Key, other.Key)
	}
	if v := first.Body.(chat.Submitted).Values; v["ok"] != "true" || len(v) != 2 {
		t.Errorf("values = %v", v)
	}
}

// TestPastedFromOurPosts: an address and a link that were copied from a post of ours are
// themselves again in a command and in a form.
func TestPastedFromOurPosts(t *testing.T) {
	t.Parallel()
	const mail, link = "office@acme.example", "https://crm.example/deals/77"
	if escape(mail) == mail || escape(link) == link {
		t.Fatal("nothing is parted in them")
	}
	command, ok := decodeCommand(url.Values{"trigger_id": {"x"}, "user_id": {annID}, "channel_id": {chanID}, "text": {"contractor invite " + escape(mail)}})
	if got := command.Body.(chat.Command).Text; !ok || got != "contractor invite "+mail {
		t.Errorf("the command is %q", got)
	}
	for _, text := range []string{mail, link, "www.acme.example", "=== #tag ~acme <b> &amp; :smile: ;) tel:112", "ភាសា\u200bខ្មែរ and @ភាសា\u200bខ្មែរ"} {
		if got := strings.ReplaceAll(entered(escape(text)), `\`, ""); got != text {
			t.Errorf("%q is %q when it is copied", text, got)
		}
	}
	body, _ := json.Marshal(map[string]any{"state": "s", "user_id": annID, "channel_id": chanID, "submission": map[string]any{"one": escape(link), "more": []string{escape(mail)}}})
	form, _, ok := decodeDialog(body)
	if v := form.Body.(chat.Submitted).Values; !ok || v["one"] != link || v["more"] != mail {
		t.Errorf("the form has %q", v)
	}
}

func FuzzDecodeAction(f *testing.F) {
	f.Add([]byte(`{"user_id":"` + annID + `","channel_id":"` + chanID + `","post_id":"` + id("p") + `","trigger_id":"x","context":{"t":"tok","selected_option":"o"}}`))
	f.Add([]byte(`{"context":{"t":[1]}}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		in, ok := decodeAction(body)
		if ok && (!isID(in.From.ID) || in.Key == "" || len(in.Body.(chat.Click).Token) > maxToken) {
			t.Errorf("%+v", in)
		}
	})
}

func FuzzDecodeDialog(f *testing.F) {
	f.Add([]byte(`{"state":"s","user_id":"` + annID + `","submission":{"a":"b","c":true,"d":1.5,"e":["x"]}}`))
	f.Add([]byte(`{"user_id":"` + annID + `","cancelled":true,"submission":null}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		in, cancelled, ok := decodeDialog(body)
		if ok && !cancelled && (!isID(in.From.ID) || in.Key == "") {
			t.Errorf("%+v", in)
		}
	})
}

func FuzzDecodeCommand(f *testing.F) {
	f.Add("token=a&trigger_id=b&user_id=" + annID + "&channel_id=" + chanID + "&text=show+1")
	f.Fuzz(func(t *testing.T, body string) {
		form, err := url.ParseQuery(body)
		if err != nil {
			return
		}
		if in, ok := decodeCommand(form); ok && (!isID(in.From.ID) || !isID(in.Channel)) {
			t.Errorf("%+v", in)
		}
	})
}

func FuzzFrame(f *testing.F) {
	f.Add([]byte(`{"event":"posted","data":{"post":"{\"id\":\"` + id("p") + `\",\"channel_id\":\"` + chanID + `\"}"},"broadcast":{"channel_id":"` + chanID + `"},"seq":3}`))
	f.Add([]byte(`{"event":"user_removed","data":{"channel_id":"x"},"broadcast":{"user_id":"` + botID + `"}}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		var fr frame
		var data eventData
		if json.Unmarshal(raw, &fr) != nil || json.Unmarshal(fr.Data, &data) != nil {
			return
		}
		in, ok, err := testDecoder().event(fr, data, "ws:c:1")
		if ok && (err != nil || in.Key == "" || !isID(in.Channel) || in.Workspace == "") {
			t.Errorf("%+v %v", in, err)
		}
	})
}

// TestUnpinned: what we keep pinned and is pinned no longer is told; any other change of
// ours is an echo.
func TestUnpinned(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		user   string
		mark   string
		pinned bool
		want   bool
	}{
		{"the board was unpinned", botID, `"true"`, false, true},
		{"the board was updated", botID, `"true"`, true, false},
		{"a card was updated", botID, `""`, false, false},
		{"somebody pretends", annID, `"true"`, false, false},
	}
	for _, tt := range tests {
		raw, err := json.Marshal(post{ID: id("p"), ChannelID: chanID, UserID: tt.user, UpdateAt: 5, IsPinned: tt.pinned, Props: map[string]json.RawMessage{propPinned: json.RawMessage(tt.mark)}})
		if err != nil {
			t.Fatal(err)
		}
		in, ours, err := testDecoder().event(frame{Event: "post_edited"}, eventData{Post: string(raw)}, "ws:1:1")
		if err != nil || ours != tt.want {
			t.Errorf("%s: %v, %v", tt.name, ours, err)
		}
		if b, ok := in.Body.(chat.Unpinned); tt.want && (!ok || b.Message != id("p") || in.Channel != chanID || in.Key != "ws:1:1") {
			t.Errorf("%s: %+v", tt.name, in)
		}
	}
}

// TestPersonZone reads the time zone of a profile as the server sends it, all of whose
// values are strings (server/public/model/user.go, Timezone).
func TestPersonZone(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, profile, want string }{
		{"found by the browser", `{"useAutomaticTimezone":"true","automaticTimezone":"Europe/Berlin","manualTimezone":"Asia/Tokyo"}`, "Europe/Berlin"},
		{"chosen by hand", `{"useAutomaticTimezone":"false","automaticTimezone":"Europe/Berlin","manualTimezone":"Asia/Tokyo"}`, "Asia/Tokyo"},
		{"not known yet", `{"useAutomaticTimezone":"true","automaticTimezone":"","manualTimezone":""}`, ""},
		{"none", `{}`, ""},
		{"missing", `null`, ""},
	}
	for _, tt := range tests {
		var u user
		if err := json.Unmarshal([]byte(`{"id":"`+annID+`","timezone":`+tt.profile+`}`), &u); err != nil {
			t.Errorf("%s: %v", tt.name, err)
		}
		if got := personOf(u).Zone; got != tt.want {
			t.Errorf("%s: zone %q, want %q", tt.name, got, tt.want)
		}
	}
}

// TestPersonLocale reads the language that somebody reads the server in.
func TestPersonLocale(t *testing.T) {
	t.Parallel()
	for profile, want := range map[string]string{`{"id":"` + annID + `","locale":"de"}`: "de", `{"id":"` + annID + `"}`: ""} {
		var u user
		if err := json.Unmarshal([]byte(profile), &u); err != nil {
			t.Fatal(err)
		}
		if got := personOf(u).Locale; got != want {
			t.Errorf("%s: locale %q, want %q", profile, got, want)
		}
	}
}
