package words

import "taskbridge/bot/chat"

// Funcs are what templates say texts with: say, sense and count as the methods, text as
// Text, each with names and values for the gaps after it; language is the tag of the
// language, date a day, decimal a number.
func (w Words) Funcs() map[string]any {
	return map[string]any{
		"language": w.Language,
		"say":      func(english string, gaps ...any) string { return w.Say(english, pairs(gaps)) },
		"sense":    w.Sense,
		"text":     func(english string, gaps ...any) chat.Text { return w.Text(english, pairs(gaps)) },
		"count":    func(n int, one, many string, gaps ...any) string { return w.Count(n, one, many, pairs(gaps)) },
		"date":     w.Date,
	}
}

// pairs are names and values in turn, as what fills gaps.
func pairs(list []any) With {
	out := With{}
	for n := 0; n+1 < len(list); n += 2 {
		if name, ok := list[n].(string); ok {
			out[name] = list[n+1]
		}
	}
	return out
}

// Later marks an English text that is said by Term where it is shown.
func Later(english string) string { return english }
