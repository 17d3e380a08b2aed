package email_test

import (
	"testing"

	"taskbridge/bot/words/wordstest"
)

func TestEveryTextHasEveryLanguage(t *testing.T) {
	t.Parallel()
	wordstest.Check(t, ".", map[string]string{
		"taskbridge email v1":      "what signatures are for",
		"it has no return address": "a reason in the log",
		"it is one of ours":        "a reason in the log",
		"it is from ourselves":     "a reason in the log",
	})
}
