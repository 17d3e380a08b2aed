package storagetest

import (
	"fmt"
	"reflect"
	"testing"
	"time"
)

// filler gives every field of a record a value of its own, so that a column that
// is forgotten, or swapped with another, shows.
type filler struct {
	t    *testing.T
	next int
}

// fill fills what p points to. Fields of the paths in keep are left alone.
func (f *filler) fill(p any, keep ...string) {
	f.t.Helper()
	skip := make(map[string]bool, len(keep))
	for _, k := range keep {
		skip[k] = true
	}
	f.value(reflect.ValueOf(p).Elem(), "", skip)
}

func (f *filler) value(v reflect.Value, path string, skip map[string]bool) {
	f.t.Helper()
	if skip[path] {
		return
	}
	f.next++
	if _, ok := reflect.TypeAssert[time.Time](v); ok {
		v.Set(reflect.ValueOf(noon().Add(time.Duration(f.next) * (time.Hour + time.Microsecond))))
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(fmt.Sprintf("%s-%d-äß漢", path, f.next))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int64:
		v.SetInt(int64(f.next) + 1<<33)
	case reflect.Struct:
		for i := range v.NumField() {
			field := v.Type().Field(i)
			sub := field.Name
			if path != "" {
				sub = path + "." + sub
			}
			if field.Anonymous {
				sub = path
			}
			f.value(v.Field(i), sub, skip)
		}
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			v.SetBytes([]byte{0, 1, 0xff, byte(f.next)})
			return
		}
		list := reflect.MakeSlice(v.Type(), 2, 2)
		for i := range list.Len() {
			f.value(list.Index(i), fmt.Sprintf("%s[%d]", path, i), skip)
		}
		v.Set(list)
	case reflect.Map:
		m := reflect.MakeMap(v.Type())
		for range 2 {
			key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
			f.value(key, path+".key", skip)
			f.value(value, path+".value", skip)
			m.SetMapIndex(key, value)
		}
		v.Set(m)
	default:
		f.t.Fatalf("fill %s: no value for a %s", path, v.Type())
	}
}

// filled makes a record with every field filled.
func filled[T any](t *testing.T, keep ...string) T {
	t.Helper()
	var r T
	(&filler{t: t}).fill(&r, keep...)
	return r
}
