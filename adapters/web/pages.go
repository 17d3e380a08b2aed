package web

import (
	"bytes"
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"html/template"
	"io/fs"
	"maps"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gorilla/mux"

	"taskbridge/bot/chat"
	"taskbridge/bot/words"
	"taskbridge/storage"
)

//go:embed pages assets
var embedded embed.FS

// asset is a file that pages load.
type asset struct {
	content           []byte
	version, mimeType string
}

// bundles are assets made of several files, so that a page asks for few: a browser has
// six connections, and one of them is the page's line.
func bundles() map[string][]string {
	return map[string][]string{"web.css": {"web.css", "desk.css"}, "web.js": {"words.js", "acts.js", "web.js"}}
}

// readAssets reads what pages load and names each by its content.
func readAssets() (map[string]asset, error) {
	// What this machine says of the endings does not matter.
	types := map[string]string{".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml"}
	whole := bundles()
	files, err := fs.Glob(embedded, "assets/*")
	if err != nil {
		return nil, fmt.Errorf("web: list the assets: %w", err)
	}
	for _, f := range files {
		if name := path.Base(f); !slices.ContainsFunc(slices.Collect(maps.Values(whole)), func(parts []string) bool { return slices.Contains(parts, name) }) {
			whole[name] = []string{name}
		}
	}
	out := map[string]asset{}
	for name, parts := range whole {
		var content []byte
		for _, part := range parts {
			text, err := embedded.ReadFile("assets/" + part)
			if err != nil {
				return nil, fmt.Errorf("web: read the assets: %w", err)
			}
			content = append(content, text...)
		}
		sum := sha256.Sum256(content)
		out[name] = asset{content, hex.EncodeToString(sum[:6]), types[path.Ext(name)]}
	}
	return out, nil
}

// serveAsset hands out a file under the address that names its content, so that
// browsers may keep it for good.
func (a *Adapter) serveAsset(w http.ResponseWriter, r *http.Request) {
	f, ok := a.assets[mux.Vars(r)["name"]]
	if !ok {
		http.NotFound(w, r)
		return
	}
	h := w.Header()
	h.Set("Content-Type", f.mimeType)
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(f.content))
}

// parse reads the pages in a language.
func (a *Adapter) parse(in words.Words) (*template.Template, error) {
	inScripts, err := a.scriptWords(in)
	if err != nil {
		return nil, err
	}
	funcs := template.FuncMap{
		"asset":   a.assetAddress,
		"drawn":   func(m messageView) (template.HTML, error) { return a.drawMessage(in, m) },
		"scripts": func() string { return inScripts },
		"rfc":     func(t time.Time) string { return t.UTC().Format(time.RFC3339) },
		"clock":   func(t time.Time) string { return in.DayName(t.UTC()) + " " + t.UTC().Format("15:04") + " UTC" },
		"at":      func(m map[string]string, key string) string { return m[key] },
		"yes":     func(s string) bool { return s == "true" || s == "yes" || s == "on" || s == "1" },
		"day": func(t time.Time) string {
			if t.IsZero() {
				return ""
			}
			return t.Format(time.DateOnly)
		},
		"spans": spansOf,
		"bold":  func(text string) chat.Span { return chat.Span{Kind: chat.Bold, Text: text} },
		"code":  func(text string) chat.Span { return chat.Span{Kind: chat.Code, Text: text} },
		// What begins with a slash is a page of ours.
		"outside": func(address string) bool { return !strings.HasPrefix(address, "/") },
		"linked":  linked,
		"filed": func(base string, number int, f chat.FilePage) fileView {
			if f.Digest == "" {
				return fileView{Name: f.Name, Missing: f.Missing}
			}
			return newFileView(base+"/jobs/"+strconv.Itoa(number)+"/files/"+f.Digest, f.Name, f.Size, f.Type)
		},
	}
	maps.Copy(funcs, in.Funcs())
	t, err := template.New("pages").Funcs(funcs).ParseFS(embedded, "pages/*.html")
	if err != nil {
		return nil, fmt.Errorf("web: read the pages: %w", err)
	}
	return t, folder{t, map[string]func([]string) (string, error){
		"say":   func(args []string) (string, error) { return in.Say(args[0]), nil },
		"asset": func(args []string) (string, error) { return a.assetAddress(args[0]) },
	}}.fold()
}

// rehearse draws a page of each language that nobody sees. How what varies is escaped is
// found out when a page is drawn for the first time, and nobody is to wait for that.
func (a *Adapter) rehearse(ctx context.Context) {
	for _, tag := range a.spoken.Tags() {
		in, _ := a.spoken.Find(tag.String())
		nobody := frame{Me: &storage.Talker{}}
		for name, data := range map[string]any{"channel": channelPage{frame: nobody, Hints: "[]"}, "message": messageView{}, "job": jobPage{frame: nobody}, "jobs": listPage{frame: nobody}} {
			if _, err := a.draw(in, name, data); err != nil {
				a.log.WarnContext(ctx, "web: a page cannot be drawn", "page", name, "err", err)
			}
		}
	}
}

// assetAddress is where an asset is found.
func (a *Adapter) assetAddress(name string) (string, error) {
	f, ok := a.assets[name]
	if !ok {
		return "", fmt.Errorf("there is no asset %s", name)
	}
	return Prefix + "/assets/" + f.version + "/" + name, nil
}

// page writes a whole page.
func (a *Adapter) page(w http.ResponseWriter, r *http.Request, in words.Words, status int, name string, data any) {
	text, err := a.draw(in, name, data)
	if err != nil {
		a.log.ErrorContext(r.Context(), "web: a page could not be drawn", "page", name, "err", err)
		http.Error(w, unavailable(in), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Language", in.Language())
	w.WriteHeader(status)
	// The caller may have gone away; there is nobody left to tell.
	_, _ = w.Write([]byte(text))
}

// fragment writes a part of a page.
func (a *Adapter) fragment(w http.ResponseWriter, in words.Words, name string, data any) error {
	text, err := a.draw(in, name, data)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	// The caller may have gone away; there is nobody left to tell.
	_, _ = w.Write([]byte(text))
	return nil
}

func (a *Adapter) draw(in words.Words, name string, data any) (string, error) {
	var b bytes.Buffer
	if err := a.pages[in.Language()].ExecuteTemplate(&b, name, data); err != nil {
		return "", fmt.Errorf("draw %s: %w", name, err)
	}
	return b.String(), nil
}
