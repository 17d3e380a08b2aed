package workflow

import "strings"

// The currencies of ISO 4217 by how many digits stand after the decimal point. Funds,
// metals and what has no money of its own are left out.
const (
	whole      = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF"
	hundredths = "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF " +
		"CNY COP CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR " +
		"ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN " +
		"MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS " +
		"SRD SSP STN SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG"
	thousandths = "BHD IQD JOD KWD LYD OMR TND"
)

// Currencies lists the codes that amounts may be in, by how many digits each has after
// the decimal point.
func Currencies() map[string]int {
	all := map[string]int{}
	for digits, codes := range map[int]string{0: whole, 2: hundredths, 3: thousandths} {
		for code := range strings.FieldsSeq(codes) {
			all[code] = digits
		}
	}
	return all
}

// digitsOf tells how many digits a currency has after the decimal point; ok is false
// for what is no currency.
func digitsOf(code string) (digits int, ok bool) {
	if len(code) != 3 || strings.Contains(code, " ") {
		return 0, false
	}
	for digits, codes := range map[int]string{0: whole, 2: hundredths, 3: thousandths} {
		if strings.Contains(codes, code) {
			return digits, true
		}
	}
	return 0, false
}

// currencyOf is the code of a currency that is written as such or as its sign. The
// dollar is that of the United States, and the yen sign that of Japan.
func currencyOf(text string) string {
	switch text {
	case "€":
		return "EUR"
	case "£":
		return "GBP"
	case "$":
		return "USD"
	case "¥":
		return "JPY"
	case "₹":
		return "INR"
	}
	return strings.ToUpper(text)
}
