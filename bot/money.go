package bot

import (
	"regexp"
	"strings"

	"golang.org/x/text/currency"

	"taskbridge/workflow"
)

// mostDigits bounds an amount before the point, so that every program can add up many
// of them.
const mostDigits = 12

var (
	// amountFirst and currencyFirst are an amount with its currency: three letters or
	// one of the signs that mean one currency alone, and the dollar.
	amountFirst   = regexp.MustCompile(`^([0-9][0-9.,' ]*)\s*([A-Za-z]{3}|[€£$¥₹])$`)
	currencyFirst = regexp.MustCompile(`^([A-Za-z]{3}|[€£$¥₹])\s*([0-9][0-9.,' ]*)$`)
)

// signs are the currencies that people write as a sign.
func signs() map[string]string {
	return map[string]string{"€": "EUR", "£": "GBP", "$": "USD", "¥": "JPY", "₹": "INR"}
}

// parseMoney reads an amount as people write it: "250 EUR", "€ 1,250.50",
// "1.250,50 eur". An empty text is no amount.
func parseMoney(text string) (workflow.Money, error) {
	s := strings.Join(strings.Fields(strings.ReplaceAll(text, "\u00a0", " ")), " ")
	if s == "" {
		return "", nil
	}
	var amount, code string
	if m := amountFirst.FindStringSubmatch(s); m != nil {
		amount, code = m[1], m[2]
	} else if m := currencyFirst.FindStringSubmatch(s); m != nil {
		amount, code = m[2], m[1]
	} else {
		return "", workflow.Refuse(workflow.Invalid, "Write an amount with its currency, like 250 EUR or 1,250.50 GBP.")
	}
	if known, ok := signs()[code]; ok {
		code = known
	}
	unit, err := currency.ParseISO(strings.ToUpper(code))
	if err != nil {
		return "", workflow.Refuse(workflow.Invalid, "There is no currency %q. Write its three letters, like EUR, GBP or USD.", strings.ToUpper(code))
	}
	digits, _ := currency.Standard.Rounding(unit)
	whole, part, ok := splitAmount(amount, digits)
	if !ok {
		return "", workflow.Refuse(workflow.Invalid, "%q is no amount of %s. Write it like 250 %s.", short(text), unit, unit)
	}
	if whole == "0" && strings.Trim(part, "0") == "" {
		return "", workflow.Refuse(workflow.Invalid, "Write an amount of more than nothing, or leave it out.")
	}
	if len(whole) > mostDigits {
		return "", workflow.Refuse(workflow.Invalid, "That amount is too large.")
	}
	if digits > 0 {
		whole += "." + part
	}
	return workflow.Money(whole + " " + unit.String()), nil
}

// splitAmount takes a number apart into what stands before and after the decimal
// point, the latter with as many digits as the currency has. A point or comma is a
// decimal one when no more digits follow than the currency has, and none of its kind
// stands before it.
func splitAmount(s string, digits int) (whole, part string, ok bool) {
	s = strings.NewReplacer(" ", "", "'", "").Replace(s)
	at := strings.LastIndexAny(s, ".,")
	whole = s
	if at >= 0 && len(s)-at-1 <= digits && len(s)-at-1 > 0 && strings.Count(s, s[at:at+1]) == 1 {
		whole, part = s[:at], s[at+1:]
	}
	groups := strings.FieldsFunc(whole, func(r rune) bool { return r == '.' || r == ',' })
	if strings.Contains(whole, ".") && strings.Contains(whole, ",") || len(groups) == 0 {
		return "", "", false
	}
	for n, g := range groups {
		if n > 0 && len(g) != 3 {
			return "", "", false
		}
	}
	whole = strings.TrimLeft(strings.Join(groups, ""), "0")
	if whole == "" {
		whole = "0"
	}
	return whole, part + strings.Repeat("0", digits-len(part)), true
}
