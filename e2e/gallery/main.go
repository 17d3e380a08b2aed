package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"

	"taskbridge/bot/present"
)

func main() {
	out := flag.String("out", "", "the directory to write to; it is made when it is missing")
	only := flag.String("only", "", "take only the pictures whose name begins so, such as slack-offers")
	browser := flag.String("browser", "", "the Chromium to take pictures with; looked for when empty, none for HTML alone")
	scale := flag.Float64("scale", 1, "pixels of a picture for each pixel of the page")
	language := flag.String("language", "en", "the language of the texts")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	err := run(ctx, options{out: *out, only: *only, browser: *browser, scale: *scale, language: *language})
	if err != nil {
		fmt.Fprintln(os.Stderr, "gallery:", err)
		stop()
		os.Exit(1) //nolint:gocritic // stop was called.
	}
}

type options struct {
	out, only, browser, language string
	scale                        float64
}

func run(ctx context.Context, o options) error {
	if o.out == "" {
		return errors.New("say where to with -out DIR")
	}
	if err := os.MkdirAll(o.out, 0o750); err != nil {
		return fmt.Errorf("make the directory: %w", err)
	}
	languages, err := present.LoadLanguages()
	if err != nil {
		return fmt.Errorf("load the languages: %w", err)
	}
	words, ok := languages.Find(cmp.Or(o.language, "en"))
	if !ok {
		return fmt.Errorf("there are no texts in %q", o.language)
	}
	sections := newSamples(words).sections()
	var shots []shot
	for _, p := range platforms() {
		drawn, err := drawAll(ctx, p, sections)
		if err != nil {
			return fmt.Errorf("draw %s: %w", p.name, err)
		}
		for _, theme := range []string{"light", "dark"} {
			name := filepath.Join(o.out, p.name+"-"+theme+".html")
			if err := writePage(name, page{Platform: p.name, Theme: theme, Sections: drawn}); err != nil {
				return err
			}
			for _, s := range drawn {
				shots = append(shots, shot{page: name, section: s.ID, name: p.name + "-" + s.ID + "-" + theme, wide: s.Wide})
			}
		}
	}
	if o.browser == "none" {
		return nil
	}
	c, err := findChromium(o.browser)
	if err != nil {
		fmt.Fprintf(os.Stderr, "gallery: the pages are in %s; no pictures: %v\n", o.out, err)
		return nil
	}
	return c.takeAll(ctx, o, shots)
}
