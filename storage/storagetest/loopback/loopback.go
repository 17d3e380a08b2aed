package loopback

import (
	"crypto/rand"
	"fmt"
	"net"
	"runtime"
)

// common is the host that everybody listens on and calls from.
const common = "127.0.0.1"

// Address finds a host and a port that nobody listens at. Where the system has more than
// one host of its own, it is one that nobody else uses, so that the port stays free while
// the server that it is for is away: the ports of the common one are given to whoever asks
// for any.
func Address() (string, error) {
	l, err := net.Listen("tcp", net.JoinHostPort(host(), "0"))
	if err != nil {
		l, err = net.Listen("tcp", net.JoinHostPort(common, "0"))
	}
	if err != nil {
		return "", fmt.Errorf("find a free port: %w", err)
	}
	address := l.Addr().String()
	if err := l.Close(); err != nil {
		return "", fmt.Errorf("free a port: %w", err)
	}
	return address, nil
}

// host is one of the sixteen million that Linux has for itself, elsewhere the common one.
func host() string {
	if runtime.GOOS != "linux" {
		return common
	}
	b := make([]byte, 3)
	_, _ = rand.Read(b) // It never fails, by its documentation.
	return net.IPv4(127, 1+b[0]%254, b[1], 1+b[2]%254).String()
}
