package reply

import (
	"regexp"
	"slices"
	"strings"
	"sync"
)

// Marker is what the letters of this program begin with, around words in any language:
// what stands beneath it was not written by who answers.
func Marker(words string) string { return "##- " + words + " -##" }

// expression compiles an expression when it is needed first. Together ours hold three
// megabytes, which those who take no letters would pay at every start.
func expression(text string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(text) })
}

var marker = expression(`##- .{1,200} -##`)

// contextLines is how much of a quote is kept before an answer that stands within it.
const contextLines = 3

var (
	// divider is a line that mail programs put above the letter that they quote whole.
	divider = expression(`(?i)^\s*(-{2,}\s*(original message|ursprüngliche nachricht|original-nachricht|originalnachricht|ursprungliche nachricht|urspr. nachricht|weitergeleitete nachricht|forwarded message|message d'origine|message original|mensaje original|messaggio originale|oorspronkelijk bericht|oprindelig meddelelse|ursprungligt meddelande|wiadomość oryginalna|исходное сообщение)\s*-{2,}|_{20,}|-{20,}|—{10,})\s*$`)
	// sender and other begin the lines of a letter's head as Outlook quotes it.
	sender = expression(`(?i)^\s*\*?(from|von|de|da|van|od|från|fra|lähettäjä|от|kimden)\s?:\s?\*?\s*\S`)
	other  = expression(`(?i)^\s*\*?(sent|date|to|cc|subject|gesendet|datum|an|betreff|kopie|envoyé|à|objet|enviado|fecha|para|asunto|inviato|data|a|oggetto|verzonden|aan|onderwerp|wysłano|do|temat|skickat|till|ämne|sendt|til|emne)\s?:\s?\*?`)
	// attribution says whose letter follows. It may be broken over several lines.
	attribution = expression(`(?is)^\s*(on\b.{6,300}\bwrote|am\b.{6,300}\bschrieb\b.{0,150}|.{6,300}\bschrieb am\b.{6,100}|le\b.{6,300}\ba écrit|el\b.{6,300}\bescribió|il\b.{6,300}\bha scritto|op\b.{6,300}\bschreef\b.{0,150}|w dniu\b.{6,300}\b(pisze|napisał\(?a?\)?)|den\b.{6,300}\bskrev\b.{0,150}|.{3,150}<[^<>\s]{3,254}>\s*(schrieb|wrote)\b.{0,60})\s*:\s*$`)
	// device is what phones sign with.
	device = expression(`(?i)^\s*(sent (from|with|via|using) |von meine[mr] .{2,60}gesendet|gesendet (von|mit|über|aus) |get outlook for |outlook für .{2,20}(beziehen|herunterladen)|holen sie sich outlook|diese nachricht wurde von mein|envoyé (de|depuis|avec) |enviado desde |inviato da(l| )|verstuurd vanaf |verzonden (met|vanaf) |skickat från |wysłan[eoy] z |sendt fra )`)
	// closing ends what somebody says; a name and a business signature follow.
	closing      = expression(`(?i)^\s*(mit\s+(freundlich(en|em)|besten|herzlichen|lieben|vielen)\s+gr(ü|ue)(ß|ss)(en)?|freundliche gr(ü|ue)(ß|ss)e|(viele|beste|liebe|herzliche|schöne|sch(ö|oe)ne) gr(ü|ue)(ß|ss)e.{0,30}|gr(ü|ue)(ß|ss)e|(viele[rn]? |liebe[rn]? |schöne[rn]? )?gru(ß|ss)|mfg|vg|lg|bg|hochachtungsvoll|(kind|best|warm|many)?\s*regards|(with )?(best|kind|warm) (wishes|regards)|sincerely|yours (sincerely|faithfully|truly)|cheers|cordialement|bien à vous|saludos|cordiali saluti|met vriendelijke groet(en)?)\s*[,.!]?\s*$`)
	afterthought = expression(`(?i)^\s*(p\.?\s?p?\.?s\b|nb\b|ps:)`)
)

const (
	// headLines is how far beneath a sender's line the rest of a quoted head stands.
	headLines = 6
	// attributionLines is over how many lines an attribution may be broken.
	attributionLines = 4
	// signatureLines is the longest signature that follows a closing phrase.
	signatureLines = 25
	// maxLines bounds how much of a letter is looked at line by line.
	maxLines = 20_000
	// maxLine is the longest line that is looked at, in bytes: no mark of a quote or a
	// signature is longer, and expressions are slow on long lines.
	maxLine = 1000
)

// like tells whether a line is of a kind.
func like(kind func() *regexp.Regexp, line string) bool {
	return len(line) <= maxLine && kind().MatchString(line)
}

// Strip gives what somebody wrote in a letter, without the letter that it answers and
// without a signature. An answer between the lines of a quote keeps the lines before it.
// When nothing is left, all of it is given: better too much than nothing.
func Strip(text string) string {
	lines := strings.SplitN(strings.ReplaceAll(text, "\r\n", "\n"), "\n", maxLines)
	for i, l := range lines {
		lines[i] = strings.TrimRight(l, " \t")
	}
	all := tidy(lines)
	lines = cutQuoted(lines)
	lines = unquote(lines)
	lines = cutSignature(lines)
	if said := tidy(lines); said != "" {
		return said
	}
	return withoutOurs(all)
}

// withoutOurs leaves the marker and what is beneath it out where all else failed.
func withoutOurs(text string) string {
	lines := strings.Split(text, "\n")
	at := slices.IndexFunc(lines, func(l string) bool { return like(marker, l) })
	if at < 0 {
		return text
	}
	lines = lines[:at]
	for len(lines) > 0 && strings.Trim(lines[len(lines)-1], "> \t") == "" {
		lines = lines[:len(lines)-1]
	}
	return tidy(dropAttribution(unquote(lines)))
}

// cutQuoted ends the lines where the letter that is answered begins without marks.
func cutQuoted(lines []string) []string {
	for i, l := range lines {
		bare := strings.TrimLeft(l, "> \t|")
		switch {
		case like(marker, bare):
			if bare != strings.TrimLeft(l, " \t") {
				// It stands in a quote with marks: what follows may be an answer.
				continue
			}
			return dropAttribution(lines[:i])
		case strings.HasPrefix(l, ">"):
		case like(divider, l) && quotedHead(lines[i+1:]), headAt(lines[i:]):
			return dropAttribution(lines[:i])
		}
	}
	return lines
}

// quotedHead tells whether the head of a letter follows, or our own letter.
func quotedHead(lines []string) bool {
	for i, l := range lines {
		if i > headLines {
			return false
		}
		if headAt(lines[i:]) || like(marker, l) {
			return true
		}
	}
	return false
}

// headAt tells whether a letter's head begins with the first line: who it is from, and
// two lines more of its kind.
func headAt(lines []string) bool {
	if len(lines) < 3 || !like(sender, lines[0]) {
		return false
	}
	found := 0
	for i, l := range lines[1:] {
		if i >= headLines {
			break
		}
		if like(other, l) {
			found++
		}
	}
	return found >= 2
}

// dropAttribution takes away the lines at the end that say whose letter follows.
func dropAttribution(lines []string) []string {
	lines = trimBlank(lines)
	for n := 1; n <= attributionLines && n <= len(lines); n++ {
		if like(attribution, strings.Join(lines[len(lines)-n:], " ")) {
			return trimBlank(lines[:len(lines)-n])
		}
	}
	return lines
}

// unquote takes away what is quoted with marks. What stands between quotes is an answer
// to what is right before it, which stays with it.
func unquote(lines []string) []string {
	type stretch struct {
		quoted bool
		lines  []string
	}
	var all []stretch
	for _, l := range lines {
		q := strings.HasPrefix(strings.TrimLeft(l, " "), ">")
		if n := len(all); n > 0 && (all[n-1].quoted == q || l == "" && all[n-1].quoted && q) {
			all[n-1].lines = append(all[n-1].lines, l)
			continue
		}
		all = append(all, stretch{q, []string{l}})
	}
	answers := 0
	for i, s := range all {
		if i > 0 && !s.quoted && len(trimBlank(s.lines)) > 0 && !onlySigns(s.lines) {
			answers++
		}
	}
	var out []string
	for i, s := range all {
		switch {
		case !s.quoted:
			said := s.lines
			if i+1 < len(all) {
				said = dropAttribution(said)
			}
			out = append(append(out, said...), "")
		case answers > 1 && i+1 < len(all) && !onlySigns(all[i+1].lines):
			out = append(append(out, tail(s.lines)...), "")
		}
	}
	return out
}

// onlySigns tells whether nothing stands there but a signature.
func onlySigns(lines []string) bool { return tidy(cutSignature(append([]string{""}, lines...))) == "" }

// tail is the end of a quote, its blank lines left out.
func tail(lines []string) []string {
	var out []string
	for i := len(lines) - 1; i >= 0 && len(out) < contextLines; i-- {
		bare := strings.TrimSpace(strings.TrimLeft(lines[i], "> "))
		if bare == "" && len(out) > 0 {
			break
		}
		if bare != "" {
			out = append([]string{"> " + bare}, out...)
		}
	}
	return out
}

// cutSignature takes away what somebody signs with.
func cutSignature(lines []string) []string {
	for i, l := range lines {
		if l == "--" || l == "-- " || l == "—" {
			lines = lines[:i]
			break
		}
	}
	lines = trimBlank(lines)
	for len(lines) > 0 && like(device, lines[len(lines)-1]) {
		lines = trimBlank(lines[:len(lines)-1])
	}
	said := false
	for i, l := range lines {
		if said && like(closing, l) && len(lines)-i <= signatureLines && signs(lines[i+1:]) {
			return trimBlank(lines[:i])
		}
		said = said || strings.TrimSpace(l) != "" && !strings.HasPrefix(l, ">")
	}
	return lines
}

// signs tells whether what follows a closing phrase only signs. A question or an
// afterthought is something said.
func signs(lines []string) bool {
	for _, l := range lines {
		if strings.Contains(l, "? ") || strings.HasSuffix(l, "?") || like(afterthought, l) {
			return false
		}
	}
	return true
}

func trimBlank(lines []string) []string {
	for len(lines) > 0 && strings.TrimSpace(lines[len(lines)-1]) == "" {
		lines = lines[:len(lines)-1]
	}
	return lines
}

// tidy joins lines, with one blank line at most between two.
func tidy(lines []string) string {
	var out []string
	for _, l := range lines {
		if strings.TrimSpace(l) == "" {
			if len(out) == 0 || out[len(out)-1] == "" {
				continue
			}
			l = ""
		}
		out = append(out, l)
	}
	return strings.TrimSpace(strings.Join(out, "\n"))
}
