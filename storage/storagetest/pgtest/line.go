package pgtest

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"testing"

	toxiproxy "github.com/Shopify/toxiproxy/v2"
	"github.com/rs/zerolog"

	"taskbridge/storage/storagetest/loopback"
)

// Line is the network between a program and its database, which can fail.
type Line struct{ proxy *toxiproxy.Proxy }

// NewLine opens a line to the database of a URL, and returns it with the URL at its
// other end. It is closed at the end of the test.
func NewLine(t testing.TB, database string) (line *Line, end string) {
	t.Helper()
	to, err := url.Parse(database)
	if err != nil {
		t.Fatalf("postgres: the URL cannot be read")
	}
	from, err := loopback.Address()
	if err != nil {
		t.Fatalf("postgres: %v", err)
	}
	server := toxiproxy.NewServer(toxiproxy.NewMetricsContainer(nil), zerolog.Nop())
	proxy := toxiproxy.NewProxy(server, "postgres", from, to.Host)
	if err := proxy.Start(); err != nil {
		t.Fatalf("postgres: %v", err)
	}
	t.Cleanup(proxy.Stop)
	to.Host = proxy.Listen
	return &Line{proxy}, to.String()
}

// Cut closes all connections and takes no new ones until Join.
func (l *Line) Cut() { l.proxy.Stop() }

// Join undoes Cut.
func (l *Line) Join() error {
	if err := l.proxy.Start(); err != nil {
		return fmt.Errorf("join the line: %w", err)
	}
	return nil
}

// Hang lets nothing through in either direction, and tells nobody, until Resume.
func (l *Line) Hang() error {
	for _, stream := range []string{"upstream", "downstream"} {
		toxic := fmt.Sprintf(`{"type": "timeout", "name": %q, "stream": %q, "attributes": {"timeout": 0}}`, stream, stream)
		if _, err := l.proxy.Toxics.AddToxicJson(strings.NewReader(toxic)); err != nil {
			return fmt.Errorf("hang the line: %w", err)
		}
	}
	return nil
}

// Resume undoes Hang.
func (l *Line) Resume() error {
	for _, stream := range []string{"upstream", "downstream"} {
		if err := l.proxy.Toxics.RemoveToxic(context.Background(), stream); err != nil {
			return fmt.Errorf("resume the line: %w", err)
		}
	}
	return nil
}
