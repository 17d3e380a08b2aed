package mattermost

import (
	"bytes"
	"cmp"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"taskbridge/adapters/adaptertest"
)

// extraServer adds to the fake server what the conformance suite asks of a platform
// beyond it: changed and removed posts, channels with members, direct channels, and
// posts that go wrong.
type extraServer struct {
	fake *fakeServer
	mux  *http.ServeMux

	mu       sync.Mutex
	fault    *adaptertest.Fault
	posts    int
	channels map[string]channel
	members  map[string][]string
	inTeam   map[string]bool
	files    map[string]*fakeFile
	// editLimit is true where no post may be edited any more (PostEditTimeLimit).
	editLimit bool
}

func newExtra(f *fakeServer) *extraServer {
	e := &extraServer{
		fake: f, mux: http.NewServeMux(),
		channels: map[string]channel{chanID: {ID: chanID, TeamID: teamID, Name: "ext-berlin-acme", Type: "P"}},
		members:  map[string][]string{chanID: {botID, annID}},
		inTeam:   map[string]bool{botID: true, annID: true},
		files:    map[string]*fakeFile{},
	}
	const api = "/api/v4"
	e.mux.HandleFunc("POST "+api+"/posts", e.create)
	e.mux.HandleFunc("PUT "+api+"/posts/{id}/patch", e.update)
	e.mux.HandleFunc("DELETE "+api+"/posts/{id}", e.delete)
	e.mux.HandleFunc("GET "+api+"/posts/{id}", e.get)
	e.mux.HandleFunc("POST "+api+"/channels/direct", e.direct)
	e.mux.HandleFunc("POST "+api+"/files", e.upload)
	e.mux.HandleFunc("GET "+api+"/files/{id}", e.download)
	e.mux.HandleFunc("GET "+api+"/files/{id}/info", e.fileInfo)
	e.mux.HandleFunc("POST "+api+"/channels", e.createChannel)
	e.mux.HandleFunc("GET "+api+"/channels/{id}", e.channel)
	e.mux.HandleFunc("GET "+api+"/teams/{team}/channels/name/{name}", e.channel)
	e.mux.HandleFunc("POST "+api+"/channels/{id}/members", e.addMember)
	e.mux.HandleFunc("GET "+api+"/channels/{id}/members", e.listMembers)
	e.mux.HandleFunc("DELETE "+api+"/channels/{id}/members/{user}", e.removeMember)
	e.mux.HandleFunc("DELETE "+api+"/channels/{id}", e.archive)
	e.mux.HandleFunc("POST "+api+"/channels/{id}/restore", e.restore)
	e.mux.HandleFunc("GET "+api+"/teams/{team}/members/{user}", e.teamMember)
	e.mux.HandleFunc("POST "+api+"/teams/{team}/members", e.joinTeam)
	e.mux.HandleFunc("GET "+api+"/users/username/{name}", e.account)
	e.mux.HandleFunc("GET "+api+"/users/email/{email}", e.account)
	e.mux.HandleFunc("POST "+api+"/teams/{team}/invite-guests/email", func(w http.ResponseWriter, _ *http.Request) {
		fail(w, http.StatusNotImplemented, "api.team.invite_guests_to_channels.license.error")
	})
	f.before(func(w http.ResponseWriter, r *http.Request) bool {
		if _, pattern := e.mux.Handler(r); pattern == "" {
			return false
		}
		e.mux.ServeHTTP(w, r)
		return true
	})
	return e
}

func (e *extraServer) fail(f adaptertest.Fault) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.fault = &f
}

func (e *extraServer) attempts() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.posts
}

// post is a post as it is now; the zero post where there is none.
func (e *extraServer) post(id string) post {
	e.fake.mu.Lock()
	defer e.fake.mu.Unlock()
	if p := e.fake.posts[id]; p != nil {
		return *p
	}
	return post{}
}

// all are the posts, oldest first.
func (e *extraServer) all() []post {
	e.fake.mu.Lock()
	defer e.fake.mu.Unlock()
	var out []post
	for _, p := range e.fake.posts {
		out = append(out, *p)
	}
	slices.SortFunc(out, func(a, b post) int { return cmp.Or(cmp.Compare(a.CreateAt, b.CreateAt), cmp.Compare(a.ID, b.ID)) })
	return out
}

// remove takes a post away, and its replies when it is a root.
func (e *extraServer) remove(id string) {
	e.fake.mu.Lock()
	defer e.fake.mu.Unlock()
	for _, p := range e.fake.posts {
		if (p.ID == id || p.RootID == id) && p.DeleteAt == 0 {
			p.DeleteAt = max(time.Now().UnixMilli(), p.UpdateAt+1)
			p.UpdateAt = p.DeleteAt
		}
	}
}

func (e *extraServer) create(w http.ResponseWriter, r *http.Request) {
	e.mu.Lock()
	e.posts++
	fault := e.fault
	e.fault = nil
	e.mu.Unlock()
	body, _ := io.ReadAll(r.Body)
	r.Body = io.NopCloser(bytes.NewReader(body))
	if fault != nil {
		e.answerFault(w, r, *fault)
		return
	}
	var p post
	_ = json.Unmarshal(body, &p)
	if root := e.post(p.RootID); p.RootID != "" && (root.ID == "" || root.DeleteAt > 0) {
		fail(w, http.StatusBadRequest, idRootMissing)
		return
	}
	if len(p.FileIDs) > 0 {
		p.FileIDs = e.attach(p.FileIDs)
		var raw map[string]any
		_ = json.Unmarshal(body, &raw)
		raw["file_ids"] = p.FileIDs
		body, _ = json.Marshal(raw)
		r.Body = io.NopCloser(bytes.NewReader(body))
	}
	e.fake.serveCreate(w, r)
}

func (e *extraServer) answerFault(w http.ResponseWriter, r *http.Request, f adaptertest.Fault) {
	switch f.Kind {
	case adaptertest.RateLimited:
		w.Header().Set("Retry-After", strconv.Itoa(int(f.RetryAfter/time.Second)))
		http.Error(w, "limit exceeded", http.StatusTooManyRequests)
	case adaptertest.Unavailable:
		fail(w, http.StatusServiceUnavailable, "")
	case adaptertest.Unauthorised:
		fail(w, http.StatusUnauthorized, "api.context.session_expired.app_error")
	case adaptertest.ChannelGone:
		fail(w, http.StatusBadRequest, idPostToDeleted)
	case adaptertest.LostAnswer:
		e.fake.serveCreate(httptest.NewRecorder(), r)
		panic(http.ErrAbortHandler)
	}
}

// update answers as the server does: without a post it finds no channel, and so no
// permission. A patch leaves what it does not name (server/channels/api4/post.go).
func (e *extraServer) update(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Message  *string                    `json:"message"`
		Props    map[string]json.RawMessage `json:"props"`
		IsPinned *bool                      `json:"is_pinned"`
	}
	_ = json.NewDecoder(r.Body).Decode(&in)
	e.fake.mu.Lock()
	defer e.fake.mu.Unlock()
	p := e.fake.posts[r.PathValue("id")]
	switch {
	case p == nil || p.DeleteAt > 0:
		fail(w, http.StatusForbidden, "api.context.permissions.app_error")
		return
	case e.editLimit && in.Message != nil:
		fail(w, http.StatusBadRequest, idEditWindow)
		return
	}
	if in.Message != nil {
		p.Message = *in.Message
	}
	if in.Props != nil {
		p.Props = in.Props
	}
	if in.IsPinned != nil {
		p.IsPinned = *in.IsPinned
	}
	p.EditAt = max(time.Now().UnixMilli(), p.UpdateAt+1)
	p.UpdateAt = p.EditAt
	reply(w, p)
}

func (e *extraServer) delete(w http.ResponseWriter, r *http.Request) {
	if p := e.post(r.PathValue("id")); p.ID == "" || p.DeleteAt > 0 {
		fail(w, http.StatusForbidden, "api.context.permissions.app_error")
		return
	}
	e.remove(r.PathValue("id"))
	reply(w, map[string]string{"status": "OK"})
}

func (e *extraServer) get(w http.ResponseWriter, r *http.Request) {
	p := e.post(r.PathValue("id"))
	if p.ID == "" || p.DeleteAt > 0 {
		fail(w, http.StatusNotFound, "app.post.get.app_error")
		return
	}
	reply(w, p)
}

// directTo is the direct channel between the bot and somebody.
func directTo(person string) string { return id("dm" + strings.Trim(person, "0")) }

func (e *extraServer) direct(w http.ResponseWriter, r *http.Request) {
	var ids []string
	_ = json.NewDecoder(r.Body).Decode(&ids)
	other := ids[len(ids)-1]
	if _, known := e.fake.users[other]; !known {
		fail(w, http.StatusNotFound, "app.user.missing_account.const")
		return
	}
	reply(w, channel{ID: directTo(other), Type: "D"})
}

func (e *extraServer) createChannel(w http.ResponseWriter, r *http.Request) {
	var c channel
	_ = json.NewDecoder(r.Body).Decode(&c)
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, old := range e.channels {
		if old.Name == c.Name {
			fail(w, http.StatusBadRequest, idChannelExists)
			return
		}
	}
	c.CreatorID = botID
	c.ID = id("made" + strconv.Itoa(len(e.channels)) + "channel")
	e.channels[c.ID] = c
	e.members[c.ID] = []string{botID}
	reply(w, c)
}

func (e *extraServer) channel(w http.ResponseWriter, r *http.Request) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, c := range e.channels {
		if c.ID == r.PathValue("id") || c.Name == r.PathValue("name") {
			reply(w, c)
			return
		}
	}
	fail(w, http.StatusNotFound, "app.channel.get.existing.app_error")
}

func (e *extraServer) addMember(w http.ResponseWriter, r *http.Request) {
	var in struct {
		UserID string `json:"user_id"`
	}
	_ = json.NewDecoder(r.Body).Decode(&in)
	e.mu.Lock()
	defer e.mu.Unlock()
	channelID := r.PathValue("id")
	if !e.inTeam[in.UserID] {
		fail(w, http.StatusNotFound, "app.team.get_member.missing.app_error")
		return
	}
	if !slices.Contains(e.members[channelID], in.UserID) {
		e.members[channelID] = append(e.members[channelID], in.UserID)
	}
	reply(w, map[string]string{})
}

func (e *extraServer) listMembers(w http.ResponseWriter, r *http.Request) {
	e.mu.Lock()
	defer e.mu.Unlock()
	rows := []map[string]string{}
	for _, m := range e.members[r.PathValue("id")] {
		rows = append(rows, map[string]string{"user_id": m})
	}
	reply(w, rows)
}

func (e *extraServer) teamMember(w http.ResponseWriter, r *http.Request) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if !e.inTeam[r.PathValue("user")] {
		fail(w, http.StatusNotFound, "app.team.get_member.missing.app_error")
		return
	}
	reply(w, teamMember{TeamID: teamID, UserID: r.PathValue("user"), Roles: "team_user"})
}

func (e *extraServer) joinTeam(w http.ResponseWriter, r *http.Request) {
	var in teamMember
	_ = json.NewDecoder(r.Body).Decode(&in)
	e.mu.Lock()
	defer e.mu.Unlock()
	if _, known := e.fake.users[in.UserID]; !known {
		fail(w, http.StatusNotFound, "app.user.missing_account.const")
		return
	}
	e.inTeam[in.UserID] = true
	reply(w, in)
}

func (e *extraServer) account(w http.ResponseWriter, r *http.Request) {
	for _, u := range e.fake.users {
		if u.Username == r.PathValue("name") || u.Email != "" && u.Email == r.PathValue("email") {
			reply(w, u)
			return
		}
	}
	fail(w, http.StatusNotFound, "app.user.missing_account.const")
}

// shown is a post as a client shows it.
func shown(p *post) adaptertest.Shown {
	texts := []string{p.Message}
	var attachments []attachment
	_ = json.Unmarshal(p.Props["attachments"], &attachments)
	for _, at := range attachments {
		texts = append(texts, at.Title, at.Text, at.Footer)
		for _, f := range at.Fields {
			texts = append(texts, f.Title, f.Value)
		}
	}
	text := strings.Join(texts, "\n")
	return adaptertest.Shown{ID: p.ID, Thread: p.RootID, Text: text, Notifies: notified(text)}
}

// mention finds the names after an at sign, which the server and its clients look
// for in all words that are not code, and the groups in Slack's words, which the
// server turns into its own (server/channels/app/mention_parser_standard.go and
// slack.go).
var mention = regexp.MustCompile(`@([A-Za-z0-9][A-Za-z0-9._\-]*)|<!([a-z]+)|<@([A-Za-z0-9]+)`)

// notified are whom a text notifies: known people by id, and groups by name.
func notified(text string) []string {
	people := map[string]string{"ann": annID, "carl": id("carl"), annID: annID}
	var out []string
	for _, m := range mention.FindAllStringSubmatch(withoutCode(text), -1) {
		name := strings.ToLower(strings.TrimRight(cmp.Or(m[1], m[2], m[3]), ".-_"))
		switch name {
		case "all", "channel", "here", "everyone":
			out = append(out, name)
		default:
			if person := people[name]; person != "" {
				out = append(out, person)
			}
		}
	}
	return out
}

// withoutCode drops code spans: a run of backticks, unless escaped, up to the next
// run of the same length.
func withoutCode(s string) string {
	var out strings.Builder
	for len(s) > 0 {
		if s[0] == '\\' && len(s) > 1 {
			out.WriteString(s[:2])
			s = s[2:]
			continue
		}
		n := len(s) - len(strings.TrimLeft(s, "`"))
		if n == 0 {
			out.WriteByte(s[0])
			s = s[1:]
			continue
		}
		if end := closing(s[n:], n); end >= 0 {
			s = s[n+end+n:]
			continue
		}
		out.WriteString(s[:n])
		s = s[n:]
	}
	return out.String()
}

// closing finds a run of exactly n backticks before the paragraph ends.
func closing(s string, n int) int {
	for i := 0; i < len(s); {
		if strings.HasPrefix(s[i:], "\n\n") {
			return -1
		}
		run := len(s[i:]) - len(strings.TrimLeft(s[i:], "`"))
		if run == n {
			return i
		}
		i += max(run, 1)
	}
	return -1
}

func (e *extraServer) removeMember(w http.ResponseWriter, r *http.Request) {
	e.mu.Lock()
	defer e.mu.Unlock()
	at := slices.Index(e.members[r.PathValue("id")], r.PathValue("user"))
	if at < 0 {
		fail(w, http.StatusNotFound, "app.channel.get_member.missing.app_error")
		return
	}
	e.members[r.PathValue("id")] = slices.Delete(e.members[r.PathValue("id")], at, at+1)
	reply(w, map[string]string{"status": "OK"})
}

func (e *extraServer) archive(w http.ResponseWriter, r *http.Request) { e.setDeleted(w, r, 1) }

func (e *extraServer) restore(w http.ResponseWriter, r *http.Request) { e.setDeleted(w, r, 0) }

func (e *extraServer) setDeleted(w http.ResponseWriter, r *http.Request, at int64) {
	e.mu.Lock()
	defer e.mu.Unlock()
	c, known := e.channels[r.PathValue("id")]
	if !known {
		fail(w, http.StatusNotFound, "app.channel.get.existing.app_error")
		return
	}
	c.DeleteAt = at
	e.channels[c.ID] = c
	reply(w, c)
}
