package workflow

import (
	"cmp"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"
)

const (
	// mostDigits bounds an amount before the decimal point, so that every program can
	// add up many of them.
	mostDigits = 12
	// maxMoneyText bounds what is looked at; no amount takes as much.
	maxMoneyText = 60
)

var (
	amountFirst   = regexp.MustCompile(`^([0-9][0-9.,' ]*?) ?([A-Za-z]{3}|[€£$¥₹])$`)
	currencyFirst = regexp.MustCompile(`^([A-Za-z]{3}|[€£$¥₹]) ?([0-9][0-9.,' ]*)$`)
	amountAlone   = regexp.MustCompile(`^[0-9][0-9.,' ]*$`)
)

// ReadMoney reads an amount of money with its currency as people write it anywhere:
// "250 EUR", "€ 1,250.50", "1.250,5 eur", "CHF 1'250". It is the only reader of amounts:
// what it gives is canonical, and reads as itself.
//
// The currency is a code of ISO 4217 or one of the signs € £ $ ¥ ₹. A point or a comma is
// the decimal one when it stands alone and no more digits follow than the currency has,
// else it groups digits, as a space and an apostrophe do: by three, or as in India by two
// before the last three. So "1.250 EUR" is a thousand and more, because nobody writes
// thousandths of a euro. In a currency that has thousandths "1.250" has three of them, and
// "1,250" is refused, because it can be meant either way.
//
// An empty text is no amount, and nothing at all, "0 EUR", is one. The error says what to
// write instead; it names no field.
func ReadMoney(text string) (Money, error) {
	s := strings.Join(strings.Fields(strings.ReplaceAll(text, "’", "'")), " ")
	if s == "" {
		return "", nil
	}
	var number, code string
	if m := amountFirst.FindStringSubmatch(s); m != nil {
		number, code = m[1], m[2]
	} else if m := currencyFirst.FindStringSubmatch(s); m != nil {
		code, number = m[1], m[2]
	}
	switch {
	case utf8.RuneCountInString(s) <= maxMoneyText && amountAlone.MatchString(s):
		return "", Refuse(Invalid, "Write the currency, too, like 84.50 EUR.")
	case number == "" || utf8.RuneCountInString(s) > maxMoneyText:
		return "", Refuse(Invalid, "Write an amount with its currency, like 250 EUR or 1,250.50 GBP.")
	}
	code = currencyOf(code)
	digits, known := digitsOf(code)
	if !known {
		return "", Refuse(Invalid, "There is no currency %q. Write its three letters, like EUR, GBP or USD.", code)
	}
	before, after, ok := splitAmount(number, digits)
	switch {
	case !ok && digits == 3:
		return "", Refuse(Invalid, "%q is no clear amount of %s. Write it with three digits after a point, like 250.000 %s.", number, code, code)
	case !ok:
		return "", Refuse(Invalid, "%q is no amount of %s. Write it like 250 %s.", number, code, code)
	case len(before) > mostDigits:
		return "", Refuse(Invalid, "That amount is too large: write one of at most %d digits.", mostDigits)
	}
	if digits > 0 {
		before += "." + after
	}
	return Money(before + " " + code), nil
}

// ReadPrice reads what ReadMoney reads, and refuses an amount of nothing.
func ReadPrice(text string) (Money, error) {
	m, err := ReadMoney(text)
	if err == nil && m != "" && strings.Trim(m.Amount(), "0.") == "" {
		return "", Refuse(Invalid, "Write an amount of more than nothing, or leave it out.")
	}
	return m, err
}

// splitAmount takes a number apart into what stands before and after the decimal point,
// the latter with as many digits as the currency has.
func splitAmount(s string, digits int) (before, after string, ok bool) {
	before = s
	if at := strings.LastIndexAny(s, ".,"); at >= 0 {
		mark, tail := s[at], s[at+1:]
		decimal := tail != "" && len(tail) <= digits && strings.Count(s, s[at:at+1]) == 1
		if len(tail) == 3 && digits == 3 && mark == ',' && grouped(s) {
			return "", "", false
		}
		if decimal {
			before, after = s[:at], tail
		}
	}
	if !allDigits(after) || !grouped(before) {
		return "", "", false
	}
	before = strings.TrimLeft(strings.NewReplacer(".", "", ",", "", "'", "", " ", "").Replace(before), "0")
	return cmp.Or(before, "0"), after + strings.Repeat("0", digits-len(after)), true
}

// grouped tells whether a whole number is written plainly, or in groups with one mark
// between them.
func grouped(s string) bool {
	at := strings.IndexAny(s, ".,' ")
	if at < 0 {
		return s != "" && allDigits(s)
	}
	groups := strings.Split(s, s[at:at+1])
	first, middle, last := groups[0], groups[1:len(groups)-1], groups[len(groups)-1]
	if first == "" || len(first) > 3 || first[0] == '0' || len(last) != 3 {
		return false
	}
	// As in India all groups but the last have two digits, elsewhere three.
	width := 3
	if len(middle) > 0 && len(middle[0]) == 2 && len(first) <= 2 {
		width = 2
	}
	for _, g := range middle {
		if len(g) != width {
			return false
		}
	}
	return allDigits(strings.Join(groups, ""))
}

func allDigits(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r < '0' || r > '9' }) < 0
}

// plus adds an amount of the same currency; ok is false for another one, and for a sum
// that is too large to be read again.
func (m Money) plus(other Money) (sum Money, ok bool) {
	a, fine := m.units()
	b, fine2 := other.units()
	if !fine || !fine2 || m.Currency() != other.Currency() {
		return m, false
	}
	digits, _ := digitsOf(m.Currency())
	text := strconv.FormatInt(a+b, 10)
	if short := digits + 1 - len(text); short > 0 {
		text = strings.Repeat("0", short) + text
	}
	before, after := text[:len(text)-digits], text[len(text)-digits:]
	if len(before) > mostDigits {
		return m, false
	}
	if digits > 0 {
		before += "." + after
	}
	return Money(before + " " + m.Currency()), true
}

// units are an amount in the smallest unit of its currency; ok is false for what is not
// canonical.
func (m Money) units() (n int64, ok bool) {
	n, err := strconv.ParseInt(strings.Replace(m.Amount(), ".", "", 1), 10, 64)
	return n, err == nil
}
