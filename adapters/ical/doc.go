// Package ical writes a planned visit as a file that calendars take (RFC 5545).
//
// It owns the format and how a browser is given such a file. It must not know what a visit
// is for, who reads it or any platform.
package ical
