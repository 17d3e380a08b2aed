package sqlstore

import (
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"time"
	"unicode/utf8"
)

// micros is a time as the tables keep it: microseconds since 1970 in UTC, 0 for
// the zero time. As a pointer it is both an argument and a destination.
type micros time.Time

func at(t *time.Time) *micros { return (*micros)(t) }

// toMicros is the number a time is kept as.
func toMicros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

// fromMicros is the time a number stands for.
func fromMicros(n int64) time.Time {
	if n == 0 {
		return time.Time{}
	}
	return time.UnixMicro(n).UTC()
}

// Value implements driver.Valuer.
func (m *micros) Value() (driver.Value, error) { return toMicros(time.Time(*m)), nil }

// Scan implements sql.Scanner.
func (m *micros) Scan(src any) error {
	switch n := src.(type) {
	case int64:
		*m = micros(fromMicros(n))
	case nil:
		*m = micros{}
	default:
		return fmt.Errorf("scan a time: unexpected %T", src)
	}
	return nil
}

// document is a value kept as JSON text, empty for the empty value. As a pointer
// it is both an argument and a destination.
type document[T any] struct{ to *T }

func asJSON[T any](to *T) *document[T] { return &document[T]{to} }

// Value implements driver.Valuer.
func (d *document[T]) Value() (driver.Value, error) {
	if v := reflect.ValueOf(d.to).Elem(); v.Len() == 0 {
		return "", nil
	}
	text, err := json.Marshal(d.to)
	if err != nil {
		return nil, fmt.Errorf("encode a document: %w", err)
	}
	return string(text), nil
}

// Scan implements sql.Scanner.
func (d *document[T]) Scan(src any) error {
	var text string
	switch s := src.(type) {
	case string:
		text = s
	case []byte:
		text = string(s)
	default:
		return fmt.Errorf("scan a document: unexpected %T", src)
	}
	var empty T
	*d.to = empty
	if text == "" {
		return nil
	}
	if err := json.Unmarshal([]byte(text), d.to); err != nil {
		return fmt.Errorf("decode a document: %w", err)
	}
	return nil
}

// clean replaces what PostgreSQL refuses in text, in both engines alike: NUL and
// bytes that are not UTF-8. Text comes from outside, and a store that refuses it
// would refuse the same event for ever.
func clean(s string) string {
	if strings.IndexByte(s, 0) < 0 && utf8.ValidString(s) {
		return s
	}
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "\uFFFD")
}

// plain turns arguments into what a driver takes, in place: pointers to fields are
// followed and named types become their kinds.
func plain(args []any) ([]any, error) {
	for i, a := range args {
		switch v := a.(type) {
		case nil, int64, bool, []byte:
		case string:
			args[i] = clean(v)
		case *string:
			args[i] = clean(*v)
		case int:
			args[i] = int64(v)
		case *int:
			args[i] = int64(*v)
		case *int64:
			args[i] = *v
		case *bool:
			args[i] = *v
		case *[]byte:
			args[i] = *v
		case time.Time:
			args[i] = toMicros(v)
		case driver.Valuer:
			got, err := v.Value()
			if err != nil {
				return nil, err
			}
			if s, ok := got.(string); ok {
				got = clean(s)
			}
			args[i] = got
		default:
			r := reflect.ValueOf(a)
			for r.Kind() == reflect.Pointer {
				r = r.Elem()
			}
			if r.Kind() != reflect.String {
				return nil, fmt.Errorf("bind argument %d: unexpected %T", i+1, a)
			}
			args[i] = clean(r.String())
		}
	}
	return args, nil
}
