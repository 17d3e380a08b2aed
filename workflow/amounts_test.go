package workflow

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestReadMoney(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]Money{
		"": "", "  ": "", "84.50 EUR": "84.50 EUR", "84,5eur": "84.50 EUR", "€84": "84.00 EUR", "$ 7.05": "7.05 USD",
		"GBP 0012": "12.00 GBP", "0 chf": "0.00 CHF", "5 £": "5.00 GBP", "999999999999.99 EUR": "999999999999.99 EUR",
		"€ 1,250.50": "1250.50 EUR", "1.250,5 eur": "1250.50 EUR", "1.250 EUR": "1250.00 EUR", "1,250 EUR": "1250.00 EUR",
		"1 250,50\u00a0EUR": "1250.50 EUR", "1\u202f250 €": "1250.00 EUR", "CHF 1’250.05": "1250.05 CHF", "CHF 1'250'000": "1250000.00 CHF",
		"₹ 1,25,000.50": "125000.50 INR", "12.34.567 INR": "1234567.00 INR",
		"1500 JPY": "1500 JPY", "¥1,500": "1500 JPY", "1.500 JPY": "1500 JPY",
		"1.5 KWD": "1.500 KWD", "1.250 KWD": "1.250 KWD", "1.234,567 KWD": "1234.567 KWD", "1,234.567 KWD": "1234.567 KWD", "0,567 KWD": "0.567 KWD",
	} {
		got, err := ReadMoney(text)
		if err != nil || got != want {
			t.Errorf("%q: got %q, %v, want %q", text, got, err, want)
		}
		if again, err := ReadMoney(string(got)); err != nil || again != got {
			t.Errorf("%q: what is kept reads as %q, %v", text, again, err)
		}
	}
	for text, part := range map[string]string{
		"84.50": "currency, too", "1,250.50": "currency, too", "a lot": "like 250 EUR", "EUR": "like 250 EUR", "-3 EUR": "like 250 EUR",
		"12 ЕВР": "like 250 EUR", "12 EUR parts": "like 250 EUR", "12 EUR 13 EUR": "like 250 EUR", "250 XYZ": "no currency", "250 UR ": "like 250 EUR",
		"84.5055 EUR": "no amount of EUR", "1.2.3 EUR": "no amount of EUR", "0.250 EUR": "no amount of EUR", "1234,567 EUR": "no amount of EUR",
		"12 50 EUR": "no amount of EUR", "1'2 EUR": "no amount of EUR", "1,234 567 EUR": "no amount of EUR", "5. EUR": "no amount of EUR",
		"1.234.56 EUR": "no amount of EUR", "12.5 JPY": "no amount of JPY", "1,250 KWD": "after a point", "1234567890123 EUR": "too large",
		strings.Repeat("1", 80) + " EUR": "like 250 EUR", strings.Repeat("1", 80): "like 250 EUR",
	} {
		if got, err := ReadMoney(text); err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("%q: got %q, %v", text, got, err)
		}
	}
	if _, err := ReadPrice("0.00 EUR"); err == nil {
		t.Error("a price of nothing is taken")
	}
}

// TestReadMoneyAsWritten: an amount reads the same however it is grouped, pointed and
// placed beside its currency.
func TestReadMoneyAsWritten(t *testing.T) {
	t.Parallel()
	codes := slices.Sorted(maps.Keys(Currencies()))
	rapid.Check(t, func(rt *rapid.T) {
		code := rapid.SampledFrom(codes).Draw(rt, "currency")
		digits := Currencies()[code]
		number := strconv.FormatInt(rapid.Int64Range(0, 999_999_999_999).Draw(rt, "whole"), 10)
		want := number
		after := ""
		for range digits {
			after += strconv.Itoa(rapid.IntRange(0, 9).Draw(rt, "digit"))
		}
		if digits > 0 {
			want += "." + after
		}
		style := rapid.SampledFrom([]struct{ group, point string }{{"", "."}, {"", ","}, {",", "."}, {".", ","}, {" ", ","}, {"'", "."}, {"’", "."}, {"\u202f", ","}}).Draw(rt, "style")
		written := number
		for at := len(number) - 3; at > 0; at -= 3 {
			written = written[:at] + style.group + written[at:]
		}
		shown := after
		if cut := strings.TrimRight(after, "0"); rapid.Bool().Draw(rt, "short") {
			shown = cut
		}
		if shown != "" {
			written += style.point + shown
		}
		space := rapid.SampledFrom([]string{"", " ", "\u00a0", "  "}).Draw(rt, "space")
		name := rapid.SampledFrom([]string{code, strings.ToLower(code)}).Draw(rt, "case")
		if rapid.Bool().Draw(rt, "first") {
			written = name + space + written
		} else {
			written += space + name
		}
		got, err := ReadMoney(written)
		if digits == 3 && err != nil && strings.Contains(err.Error(), "after a point") && strings.Count(written, ",") == 1 {
			return // It can be meant either way.
		}
		if err != nil || got != Money(want+" "+code) {
			rt.Fatalf("%q: got %q, %v, want %s %s", written, got, err, want, code)
		}
		if n, ok := got.units(); !ok || strconv.FormatInt(n, 10) != cmp.Or(strings.TrimLeft(strings.ReplaceAll(want, ".", ""), "0"), "0") {
			rt.Fatalf("%q has %d units", got, n)
		}
	})
}

func FuzzReadMoney(f *testing.F) {
	for _, s := range []string{"84.50 EUR", "€1", "1 ŁÖÜ", "\x00", "12,3 gbp", "1'2'3 JPY", "1,25,000 INR", "0,567 KWD"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, err := ReadMoney(text)
		if err != nil {
			return
		}
		if again, err := ReadMoney(string(got)); err != nil || again != got || len(got) > mostDigits+8 {
			t.Errorf("%q became %q, then %q, %v", text, got, again, err)
		}
		if _, ok := got.units(); !ok && got != "" {
			t.Errorf("%q became %q, which cannot be compared", text, got)
		}
	})
}
