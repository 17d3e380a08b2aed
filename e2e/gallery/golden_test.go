package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"flag"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"unicode"

	"github.com/google/go-cmp/cmp"

	"taskbridge/bot/present"
	"taskbridge/bot/ticket"
)

var update = flag.Bool("update", false, "write the golden files anew")

// goldenEnd is how the names of golden files end.
const goldenEnd = ".golden.json"

// TestGoldens compares what goes over the wire for everything that people see with
// the files under testdata, and wants no file that nothing is compared with.
func TestGoldens(t *testing.T) {
	t.Parallel()
	languages, err := present.LoadLanguages()
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range languages.Options() {
		words, _ := languages.Find(o.Value)
		folder := o.Value
		if folder == "en" {
			folder = ""
		}
		t.Run(o.Value, func(t *testing.T) {
			t.Parallel()
			goldens(t, filepath.Join("testdata", folder), words)
		})
	}
}

// goldens compares all that is said in one language with the files in a folder.
func goldens(t *testing.T, folder string, words present.Words) {
	for _, p := range []struct {
		name  string
		exact func(context.Context, specimen) ([]any, error)
	}{{"slack", exactSlack}, {"mattermost", exactMattermost}} {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			dir := filepath.Join(folder, p.name)
			if *update {
				if err := os.MkdirAll(dir, 0o750); err != nil {
					t.Fatal(err)
				}
			}
			samples, wanted := newSamples(words), map[string]bool{}
			for _, s := range samples.goldenSections() {
				for _, one := range s.specimens {
					name := slug(s.id + " " + one.caption)
					if wanted[name+goldenEnd] {
						t.Errorf("two specimens are called %s", name)
					}
					wanted[name+goldenEnd] = true
					t.Run(name, func(t *testing.T) {
						t.Parallel()
						compare(t, filepath.Join(dir, name+goldenEnd), sentAt(t, samples.now, one, p.exact))
					})
				}
			}
			leftOver(t, dir, wanted)
		})
	}
}

// sentAt is what is sent for a specimen when the clock shows a time: an adapter may
// write a date otherwise in another year.
func sentAt(t *testing.T, now time.Time, s specimen, exact func(context.Context, specimen) ([]any, error)) string {
	t.Helper()
	var out string
	synctest.Test(t, func(t *testing.T) {
		<-time.After(time.Until(now))
		calls, err := exact(t.Context(), s)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range calls {
			out += pretty(t, c)
		}
		// A call's time limit can outlast the call, and nothing may outlast the test.
		<-time.After(time.Hour)
	})
	return out
}

func compare(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("run with -update to make it: %v", err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s changed (-want +got):\n%s", file, diff)
	}
}

// leftOver finds files that no specimen has any more.
func leftOver(t *testing.T, dir string, wanted map[string]bool) {
	t.Helper()
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatalf("run with -update to make the golden files: %v", err)
	}
	for _, f := range files {
		switch {
		case wanted[f.Name()]:
		case !*update:
			t.Errorf("%s belongs to nothing; run with -update to remove it", filepath.Join(dir, f.Name()))
		default:
			if err := os.Remove(filepath.Join(dir, f.Name())); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// exactSlack is the body that is sent to Slack. chat.postMessage takes a form, whose
// fields are shown as an object, those that hold JSON as JSON. The bot's token, which
// is one of them, is left out.
func exactSlack(ctx context.Context, s specimen) ([]any, error) {
	body, err := slackWire(ctx, s)
	if err != nil {
		return nil, err
	}
	if s.form != nil || s.private {
		v, err := decoded(body)
		return []any{v}, err
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return nil, fmt.Errorf("read the form: %w", err)
	}
	out := map[string]any{}
	for name, values := range form {
		switch {
		case len(values) != 1:
			return nil, fmt.Errorf("%s was sent %d times", name, len(values))
		case name == "token":
		case name == "blocks" || name == "metadata":
			if out[name], err = decoded([]byte(values[0])); err != nil {
				return nil, fmt.Errorf("read %s: %w", name, err)
			}
		default:
			out[name] = values[0]
		}
	}
	return []any{out}, nil
}

// exactMattermost is each body that is sent to Mattermost.
func exactMattermost(ctx context.Context, s specimen) ([]any, error) {
	bodies, err := mattermostWire(ctx, s)
	if err != nil {
		return nil, err
	}
	var out []any
	for _, b := range bodies {
		v, err := decoded(b)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, nil
}

func decoded(b []byte) (any, error) {
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, fmt.Errorf("decode: %w", err)
	}
	return v, nil
}

// pretty writes a value with its keys in order, one to a line, its tokens told and
// nothing in it that cannot be seen.
func pretty(t *testing.T, v any) string {
	t.Helper()
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(told(v)); err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	for _, r := range b.String() {
		if hidden(r) {
			fmt.Fprintf(&out, `\u%04x`, r)
			continue
		}
		out.WriteRune(r)
	}
	return out.String()
}

// hidden tells whether a character cannot be told apart from nothing or a blank.
func hidden(r rune) bool {
	return r > unicode.MaxASCII && r <= 0xFFFF && (!unicode.IsGraphic(r) || unicode.IsSpace(r) || unicode.Is(unicode.Variation_Selector, r))
}

// told replaces the tokens in all strings of a value.
func told(v any) any {
	switch v := v.(type) {
	case map[string]any:
		splitToken(v)
		for k, one := range v {
			v[k] = told(one)
		}
	case []any:
		for i, one := range v {
			v[i] = told(one)
		}
	case string:
		return signed().ReplaceAllStringFunc(v, tell)
	}
	return v
}

// splitToken tells the token that a Slack select carries in two ids, because it is
// too long for one.
func splitToken(block map[string]any) {
	id, _ := block["block_id"].(string)
	elements, _ := block["elements"].([]any)
	if id == "" || len(elements) != 1 {
		return
	}
	e, _ := elements[0].(map[string]any)
	action, _ := e["action_id"].(string)
	name, rest, ok := strings.Cut(action, ".")
	if ok && signed().MatchString(id+rest) {
		block["block_id"] = tell(id+rest) + fmt.Sprintf(" (its first %d characters)", len(id))
		e["action_id"] = name + ".(the rest of the token)"
	}
}

// signed matches the text form of a ticket.
func signed() *regexp.Regexp { return regexp.MustCompile(`[A-Za-z0-9_-]{40,}\.[A-Za-z0-9_-]{22}`) }

// tell says what is in a ticket instead of its text form, which changes all over with
// every detail of it.
func tell(text string) string {
	body, _, _ := strings.Cut(text, ".")
	raw, err := base64.RawURLEncoding.DecodeString(body)
	if err != nil {
		return text
	}
	var k ticket.Ticket
	if json.Unmarshal(raw, &k) != nil {
		return text
	}
	out := "TOKEN"
	for _, part := range []struct{ name, value string }{
		{"verb", k.Verb},
		{"issue", k.Issue},
		{"assignment", k.Assignment},
		{"card", k.Card},
		{"user", k.User},
		{"nonce", k.Nonce},
		{"arg", k.Arg},
	} {
		if part.value != "" {
			out += " " + part.name + "=" + strings.TrimPrefix(part.value, "0199c0de-0000-7000-8000-")
		}
	}
	if k.Revision != 0 {
		out += fmt.Sprintf(" revision=%d", k.Revision)
	}
	return out + " until=" + time.Unix(k.Expires, 0).UTC().Format(time.RFC3339)
}

// slug makes a file's name out of a caption.
func slug(s string) string {
	words := strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') })
	return strings.Join(words, "-")
}
