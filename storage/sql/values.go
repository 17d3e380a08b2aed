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

// empty tells whether the value is kept as the empty text.
func (d *document[T]) empty() bool {
	v := reflect.ValueOf(d.to).Elem()
	if v.Kind() == reflect.Struct {
		return v.IsZero()
	}
	return v.Len() == 0
}

// same tells whether another document is kept as the same text.
func (d *document[T]) same(other any) bool {
	o, ok := other.(*document[T])
	switch {
	case !ok:
		return false
	case d.empty() || o.empty():
		return d.empty() == o.empty()
	}
	return reflect.DeepEqual(d.to, o.to)
}

// Value implements driver.Valuer.
func (d *document[T]) Value() (driver.Value, error) {
	if d.empty() {
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

// equal tells whether two fields of a kind are kept as the same value.
func equal(a, b any) bool {
	switch a := a.(type) {
	case *string:
		return pointsTo(b, *a)
	case *int:
		return pointsTo(b, *a)
	case *bool:
		return pointsTo(b, *a)
	case *micros:
		b, ok := b.(*micros)
		return ok && toMicros(time.Time(*a)) == toMicros(time.Time(*b))
	case *int64:
		return pointsTo(b, *a)
	case interface{ same(other any) bool }:
		return a.same(b)
	}
	v, w := reflect.ValueOf(a), reflect.ValueOf(b)
	if v.Kind() == reflect.Pointer && v.Type() == w.Type() && v.Elem().Kind() == reflect.String {
		return v.Elem().String() == w.Elem().String()
	}
	return reflect.DeepEqual(a, b)
}

func pointsTo[T comparable](p any, value T) bool {
	q, ok := p.(*T)
	return ok && *q == value
}

// plain turns an argument into what a driver takes: a pointer to a field is followed
// and a named type becomes its kind.
func plain(a any) (any, error) {
	switch v := a.(type) {
	case nil, int64, bool, []byte:
		return v, nil
	case string:
		return clean(v), nil
	case *string:
		return clean(*v), nil
	case int:
		return int64(v), nil
	case *int:
		return int64(*v), nil
	case *int64:
		return *v, nil
	case *bool:
		return *v, nil
	case *[]byte:
		return *v, nil
	case time.Time:
		return toMicros(v), nil
	case driver.Valuer:
		got, err := v.Value()
		if s, ok := got.(string); ok {
			got = clean(s)
		}
		return got, err
	}
	r := reflect.ValueOf(a)
	for r.Kind() == reflect.Pointer {
		r = r.Elem()
	}
	if r.Kind() != reflect.String {
		return nil, fmt.Errorf("unexpected %T", a)
	}
	return clean(r.String()), nil
}

// plainAll does so with a list of arguments, in place.
func plainAll(args []any) error {
	for i, a := range args {
		p, err := plain(a)
		if err != nil {
			return fmt.Errorf("bind argument %d: %w", i+1, err)
		}
		args[i] = p
	}
	return nil
}
