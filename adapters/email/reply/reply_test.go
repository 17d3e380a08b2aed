package reply_test

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"taskbridge/adapters/email/reply"
)

var update = flag.Bool("update", false, "write the golden files anew")

func bounds() reply.Options { return reply.Options{MaxFiles: 10, MaxFile: 1 << 20} }

// TestCorpus: letters as mail programs write them say what the person wrote and nothing
// of what is quoted.
func TestCorpus(t *testing.T) {
	t.Parallel()
	letters, err := filepath.Glob("testdata/*.eml")
	if err != nil || len(letters) < 20 {
		t.Fatalf("%d letters, %v", len(letters), err)
	}
	for _, path := range letters {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".eml"), func(t *testing.T) {
			t.Parallel()
			raw, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			l, err := reply.Read(raw, bounds())
			if err != nil {
				t.Fatal(err)
			}
			golden := strings.TrimSuffix(path, ".eml") + ".golden"
			got := describe(l)
			if *update {
				if err := os.WriteFile(golden, got, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got, want) {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
			if strings.Contains(l.Text, "Please reply above") || strings.Contains(l.Text, "email/job/") {
				t.Errorf("our own letter is in\n%s", l.Text)
			}
		})
	}
}

func describe(l reply.Letter) []byte {
	var b bytes.Buffer
	for _, a := range l.From {
		fmt.Fprintf(&b, "From: %s, %s\n", a.Name, a.Address)
	}
	fmt.Fprintf(&b, "Subject: %s\nId: %s\n", l.Subject, l.ID)
	if l.Automatic != "" {
		fmt.Fprintf(&b, "Automatic: %s\n", l.Automatic)
	}
	for _, f := range l.Files {
		fmt.Fprintf(&b, "File: %s, %s, %d bytes\n", f.Name, f.Type, len(f.Content))
	}
	fmt.Fprintf(&b, "\n%s\n", l.Text)
	return b.Bytes()
}

// TestBounds: a file or a letter beyond the bounds costs that and nothing else.
func TestBounds(t *testing.T) {
	t.Parallel()
	part := func(name string, size int) string {
		return "--b\r\nContent-Type: application/pdf; name=" + name + "\r\nContent-Disposition: attachment; filename=" + name + "\r\n\r\n" + strings.Repeat("x", size) + "\r\n"
	}
	head := "From: a@b.example\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nHere they are.\r\n"
	raw := head + part("big.pdf", 2000) + part("one.pdf", 10) + part("two.pdf", 10) + part("three.pdf", 10) + "--b--\r\n"
	l, err := reply.Read([]byte(raw), reply.Options{MaxFiles: 2, MaxFile: 1000})
	if err != nil || l.Text != "Here they are." || len(l.Files) != 2 || strings.Join(l.Left, " ") != "big.pdf three.pdf" {
		t.Errorf("%+v, %v", l, err)
	}
	// One that was cut short says what came.
	l, err = reply.Read([]byte(head+part("one.pdf", 10)), bounds())
	if err != nil || l.Text != "Here they are." || len(l.Files) != 1 {
		t.Errorf("cut short: %+v, %v", l, err)
	}
	deep := "From: a@b.example\r\n"
	for n := range 30 {
		deep += fmt.Sprintf("Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n", n, n)
	}
	if _, err := reply.Read([]byte(deep+"\r\nwords"), bounds()); !errors.Is(err, reply.ErrUnreadable) {
		t.Errorf("nested deep: %v", err)
	}
	if _, err := reply.Read([]byte("no header at all"), bounds()); !errors.Is(err, reply.ErrUnreadable) {
		t.Errorf("no letter: %v", err)
	}
}

// FuzzRead: whatever the bytes are, reading ends, and what it gives is text.
func FuzzRead(f *testing.F) {
	letters, _ := filepath.Glob("testdata/*.eml")
	for _, path := range letters {
		raw, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		l, _ := reply.Read(raw, bounds())
		if !utf8.ValidString(l.Text) || strings.ContainsAny(l.Text, "\x00\r\u202e") {
			t.Errorf("the text is %q", l.Text)
		}
		if !utf8.ValidString(l.Subject) || strings.Contains(l.Subject, "\n") || len(l.Files) > 10 {
			t.Errorf("%+v", l)
		}
	})
}

// FuzzStrip: what is left was there, and stripping twice takes no more of it than once
// than a signature.
func FuzzStrip(f *testing.F) {
	f.Add("Yes.\n\nOn Monday, The Desk <a@b.example> wrote:\n> words\n")
	f.Add("> a\nb\n> c\nd\n-- \ne")
	f.Fuzz(func(t *testing.T, text string) {
		said := reply.Strip(text)
		for line := range strings.SplitSeq(said, "\n") {
			if bare := strings.TrimSpace(strings.TrimPrefix(line, "> ")); !strings.Contains(text, bare) {
				t.Errorf("%q was made up", bare)
			}
		}
	})
}

// TestHostileLengths: letters made to be slow to read take no more for each byte than short
// ones do.
func TestHostileLengths(t *testing.T) {
	t.Parallel()
	const (
		size  = 2 << 20
		times = 32
		// What takes as long as the square of its length takes 32 times as long for each
		// byte; a busy machine hardly takes 8 times as long.
		most = 8 * times
	)
	took := func(read func()) time.Duration {
		began := time.Now()
		read()
		return time.Since(began)
	}
	linear := func(name, unit string, size int, read func(letter string)) {
		t.Helper()
		short, long := strings.Repeat(unit, size/times/len(unit)), strings.Repeat(unit, size/len(unit))
		least := time.Duration(math.MaxInt64)
		for range 3 {
			least = min(least, took(func() { read(short) }))
		}
		if all := took(func() { read(long) }); all > most*max(least, 5*time.Millisecond) {
			t.Errorf("%s: %s, and %s for one part of %d", name, all, least, times)
		}
	}
	for name, unit := range map[string]string{
		"marks of ours": "##- ", "short quotes": "> a\nb\n", "attributions": "On Monday somebody wrote:\n", "one line": "On x ",
		"heads": "From: a\nTo: b\n", "closings": "MfG\n", "dividers": "-----\n", "deep": "> > > > ", "blank": " \n",
	} {
		linear(name, unit, size, func(letter string) { reply.Strip(letter) })
	}
	for name, unit := range map[string]string{"elements": "<div>", "quotes": "<blockquote type=cite>a", "links": "<a href=https://x.example>a", "lists": "<ul><li>"} {
		linear(name, unit, size/8, func(letter string) {
			_, _ = reply.Read([]byte("From: a@b.example\r\nContent-Type: text/html\r\n\r\n"+letter), bounds())
		})
	}
}
