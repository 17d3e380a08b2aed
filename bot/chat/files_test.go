package chat_test

import (
	"path"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"taskbridge/bot/chat"
)

func TestFileNames(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"boiler.jpg":                       "boiler.jpg",
		"Kessel im Keller – Übersicht.png": "Kessel im Keller – Übersicht.png",
		"котёл.pdf":                        "котёл.pdf",
		"":                                 "file",
		"...":                              "file",
		" . ":                              "file",
		"\x00\x07\u202e":                   "file",
		"../../etc/passwd":                 "_.._etc_passwd",
		`C:\Users\eve\x.exe`:               "C:_Users_eve_x.exe",
		".htaccess":                        "htaccess",
		"invoice\u202egnp.exe":             "invoicegnp.exe",
		"a\r\nContent-Type: text/html":     "a Content-Type: text_html",
		"zero\u200bwidth\ufeff.txt":        "zerowidth.txt",
		"@channel <!here> *b*.txt":         "@channel <!here> *b*.txt",
		"bad\xff\xfe.txt":                  "bad.txt",
		"tabs\tand   spaces .txt":          "tabs and spaces .txt",
	} {
		if got := chat.FileName(name); got != want {
			t.Errorf("%q became %q, want %q", name, got, want)
		}
	}
	long := chat.FileName(strings.Repeat("ü", 10_000) + ".jpeg")
	if len(long) > 200 || !strings.HasSuffix(long, "ü….jpeg") {
		t.Errorf("a long name became %q", long)
	}
}

func FuzzFileName(f *testing.F) {
	for _, seed := range []string{"a.jpg", "../x", "\u202egnp.exe", strings.Repeat("x", 300) + ".tar.gz", "\xff", "a\x00b", " ", "."} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, name string) {
		got := chat.FileName(name)
		switch {
		case got == "" || len(got) > 200 || !utf8.ValidString(got):
			t.Errorf("%q has %d bytes", got, len(got))
		case got != path.Base(got) || strings.ContainsAny(got, `/\`) || strings.HasPrefix(got, "."):
			t.Errorf("%q is a path", got)
		case strings.ContainsFunc(got, func(r rune) bool { return !unicode.IsGraphic(r) }):
			t.Errorf("%q has what cannot be seen", got)
		case chat.FileName(got) != got:
			t.Errorf("%q changes again into %q", got, chat.FileName(got))
		}
	})
}

func TestFileTypes(t *testing.T) {
	t.Parallel()
	for mediaType, want := range map[string]string{
		"image/png":                     "image/png",
		"Image/PNG; charset=x":          "image/png",
		"":                              "application/octet-stream",
		"png":                           "application/octet-stream",
		"image/png\r\nX-Evil: 1":        "application/octet-stream",
		strings.Repeat("a", 200) + "/b": "application/octet-stream",
	} {
		if got := chat.FileType(mediaType); got != want {
			t.Errorf("%q became %q, want %q", mediaType, got, want)
		}
	}
}
