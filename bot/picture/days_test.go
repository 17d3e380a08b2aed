package picture_test

import (
	"bytes"
	"image"
	"image/png"
	"os"
	"testing"
	"time"

	"taskbridge/bot/picture"
	"taskbridge/storage"
)

// some are days as a desk has them.
func some(n int) []storage.Day {
	days := make([]storage.Day, n)
	for i := range days {
		date := time.Date(2026, 11, 1+i, 0, 0, 0, 0, time.UTC)
		days[i].Date = date
		if date.Weekday() != time.Sunday {
			days[i].Created, days[i].Closed = 6+(i*7)%11, 4+(i*5)%9
		}
	}
	return days
}

// english are the words of the pictures.
var english = picture.Words{Created: "Created", Closed: "Closed", Day: func(d time.Time) string { return d.Format("2 Jan") }}

func TestDays(t *testing.T) {
	t.Parallel()
	tests := map[string][]storage.Day{
		"two weeks": some(14), "four weeks": some(28), "one day": some(1),
		"nothing happened": make([]storage.Day, 7),
		"very much":        {{Date: time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC), Created: 1 << 40, Closed: 3}},
	}
	for name, days := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := picture.Days(days, english)
			if err != nil {
				t.Fatal(err)
			}
			drawn, err := png.Decode(bytes.NewReader(got))
			if err != nil {
				t.Fatal(err)
			}
			if size := drawn.Bounds().Size(); size.X != 960 || size.Y != 400 {
				t.Errorf("the picture is %v", size)
			}
			// A picture with a ground of its own is legible on any.
			for _, at := range [][2]int{{0, 0}, {959, 0}, {0, 399}, {959, 399}, {480, 5}} {
				if r, _, _, a := drawn.At(at[0], at[1]).RGBA(); a != 0xffff || r < 0xf000 {
					t.Errorf("the ground at %v is not opaque and light", at)
				}
			}
			if len(got) > 60_000 {
				t.Errorf("the picture has %d bytes", len(got))
			}
			if folder := os.Getenv("PICTURES"); folder != "" {
				if err := os.WriteFile(folder+"/days "+name+".png", got, 0o600); err != nil {
					t.Error(err)
				}
			}
		})
	}
}

// TestDaysSayTheirWords: a picture has the words that it is given.
func TestDaysSayTheirWords(t *testing.T) {
	t.Parallel()
	var named []string
	german := picture.Words{Created: "Angelegt", Closed: "Geschlossen", Day: func(d time.Time) string {
		named = append(named, d.Format("2. Jan."))
		return d.Format("2. Jan.")
	}}
	got, err := picture.Days(some(14), german)
	if err != nil {
		t.Fatal(err)
	}
	if len(named) != 7 || named[6] != "14. Nov." {
		t.Errorf("the days are called %v", named)
	}
	other, err := picture.Days(some(14), english)
	if err != nil || bytes.Equal(got, other) {
		t.Errorf("the words are not in the picture: %v", err)
	}
}

// TestDaysStandUnderTheirBars: the name of a day is in the middle of what belongs to it.
func TestDaysStandUnderTheirBars(t *testing.T) {
	t.Parallel()
	for _, count := range []int{7, 14, 22, 28} {
		got, err := picture.Days(some(count), english)
		if err != nil {
			t.Fatal(err)
		}
		drawn, err := png.Decode(bytes.NewReader(got))
		if err != nil {
			t.Fatal(err)
		}
		// The axis parts the days with ticks, the names are below.
		ticks, names := inked(drawn, 357, 358, 1), inked(drawn, 364, 386, 20)
		every := (count + 7) / 8
		if len(ticks) != count+1 || len(names) != (count+every-1)/every {
			t.Fatalf("%d days have %d ticks and %d names", count, len(ticks), len(names))
		}
		for n, name := range names {
			day := count - 1 - (len(names)-1-n)*every
			if middle := (ticks[day] + ticks[day+1]) / 2; name < middle-4 || name > middle+4 {
				t.Errorf("of %d days the name of day %d is at %d, its bars at %d", count, day+1, name, middle)
			}
		}
	}
}

// inked finds what is drawn in some rows and at least so far apart, by the middle of each.
func inked(in image.Image, top, bottom, apart int) (middles []int) {
	from, to := -1, 0
	// The figures of the other axis are on the left.
	for x := 52; x < in.Bounds().Dx(); x++ {
		dark := false
		for y := top; y <= bottom; y++ {
			r, _, _, _ := in.At(x, y).RGBA()
			dark = dark || r < 0xa000
		}
		switch {
		case dark && from < 0:
			from, to = x, x
		case dark && x-to <= apart:
			to = x
		case dark:
			middles = append(middles, (from+to)/2)
			from, to = x, x
		}
	}
	return append(middles, (from+to)/2)
}
