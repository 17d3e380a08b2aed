// Package picture draws what figures look like, as files that chat platforms show. It
// is pure: the same figures give the same picture. It must not know stores, platforms,
// or whom a picture is for.
package picture
