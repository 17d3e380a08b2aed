package settings

import (
	"slices"
	"strings"

	"taskbridge/workflow"
)

// Languages are those that texts can be made in, English first, by their BCP 47 names.
func Languages() []string { return []string{"en", "de"} }

func checkLanguage(name string) error {
	if name != "" && !slices.Contains(Languages(), name) {
		return workflow.RefuseField("language", "There are no texts in %q. Choose one of %s.", cut(name), strings.Join(Languages(), ", "))
	}
	return nil
}

// FirmLanguage is the language of a firm by its calendar, as it is kept; empty where it
// is the desk's.
func FirmLanguage(own string) string { return firmSays(own, `"language"`).Language }

// FirmZone is the time zone of a firm by its calendar, as it is kept; empty where it is
// the desk's.
func FirmZone(own string) string { return firmSays(own, `"zone"`).Zone }

// firmSays is a firm's calendar where it may say a thing; what cannot be read says
// nothing.
func firmSays(own, thing string) Calendar {
	if !strings.Contains(own, thing) {
		return Calendar{}
	}
	c, err := DecodeCalendar(own)
	if err != nil {
		return Calendar{}
	}
	return c
}

func languageSection() Section {
	return Section{
		Name: "language", Label: "Language", Does: "in which the desk and its firms are written to",
		Read:  func(s Settings) map[string]string { return map[string]string{"language": s.Language} },
		Write: func(s *Settings, v map[string]string) error { return set(v, "language", &s.Language, trimmed) },
	}
}
