package loopback_test

import (
	"net"
	"testing"

	"taskbridge/storage/storagetest/loopback"
)

// TestAddressStaysFree: what is found can be listened at, again and again, while others
// take ports as they come.
func TestAddressStaysFree(t *testing.T) {
	t.Parallel()
	address, err := loopback.Address()
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		l, err := net.Listen("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
		other, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = other.Close() }()
	}
	if host, _, err := net.SplitHostPort(address); err != nil || !net.ParseIP(host).IsLoopback() {
		t.Errorf("%s is not this machine's own: %v", address, err)
	}
}
