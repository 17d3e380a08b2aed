package email

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"sync"
	"time"

	"github.com/emersion/go-smtp"
)

// enter takes a place for a letter. Connections have none: whoever only keeps one open
// is in nobody's way.
func (b *inbox) enter(conn net.Conn) error {
	select {
	case b.slots <- struct{}{}:
		return nil
	default:
		passBy(conn)
		return answer(451, smtp.EnhancedCode{4, 3, 2}, "Too many letters come in at once. Try again later.")
	}
}

func (b *inbox) leave() { <-b.slots }

// passBy leaves time for the rest of a letter that is not taken: go-smtp reads past it
// before it answers, and takes what comes after the deadline for commands.
func passBy(conn net.Conn) { _ = conn.SetReadDeadline(time.Now().Add(takeFor)) }

// read reads a letter from a connection.
func (b *inbox) read(conn net.Conn, r io.Reader) ([]byte, error) {
	// Who sends a byte now and then would keep its place for ever.
	cut := time.AfterFunc(takeFor, func() { _ = conn.Close() })
	defer cut.Stop()
	most := b.cfg.MaxBytes
	raw, err := io.ReadAll(io.LimitReader(&patient{r, conn}, most+1))
	switch {
	case errors.Is(err, smtp.ErrDataTooLarge), int64(len(raw)) > most:
		passBy(conn)
		return nil, answer(552, smtp.EnhancedCode{5, 3, 4}, fmt.Sprintf("This letter is too large: at most %d MB are taken. Send fewer or smaller files.", most>>20))
	case errors.Is(err, os.ErrDeadlineExceeded):
		// What still comes of the letter would be taken for commands.
		_ = conn.Close()
		fallthrough
	case err != nil:
		return nil, answer(451, smtp.EnhancedCode{4, 3, 0}, "The letter did not come whole. Try again.")
	}
	return raw, nil
}

// patient reads a letter as long as it keeps coming: go-smtp sets a deadline for a line
// of commands, and none anew for what follows DATA.
type patient struct {
	r    io.Reader
	conn net.Conn
}

// patientBytes is how much has to come within idleFor.
const patientBytes = 4 << 10

// Read implements io.Reader.
func (p *patient) Read(b []byte) (int, error) {
	if err := p.conn.SetReadDeadline(time.Now().Add(idleFor)); err != nil {
		return 0, fmt.Errorf("wait for a letter: %w", err)
	}
	// go-smtp's reader returns when all that it is asked for is there.
	return p.r.Read(b[:min(len(b), patientBytes)])
}

// fair accepts so many connections of one peer: who opens more would be the only one to
// have any.
type fair struct {
	net.Listener

	mu   sync.Mutex
	open map[netip.Addr]int
}

// Accept implements net.Listener.
func (f *fair) Accept() (net.Conn, error) {
	for {
		conn, err := f.Listener.Accept()
		if err != nil {
			return nil, err
		}
		peer := peerOf(conn.RemoteAddr())
		if f.count(peer, 1) {
			return &counted{Conn: conn, gone: sync.OnceFunc(func() { f.count(peer, -1) })}, nil
		}
		_ = conn.Close()
	}
}

// count counts a connection that comes or goes, and tells whether it may be.
func (f *fair) count(peer netip.Addr, by int) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	n := f.open[peer] + by
	switch {
	case n > maxPerPeer:
		return false
	case n == 0:
		delete(f.open, peer)
	default:
		f.open[peer] = n
	}
	return true
}

// peerOf is whose a connection is. Whoever has an address of IPv6 has its whole network
// of 64 bits.
func peerOf(a net.Addr) netip.Addr {
	tcp, ok := a.(*net.TCPAddr)
	if !ok {
		return netip.Addr{}
	}
	ip := tcp.AddrPort().Addr().Unmap()
	if ip.Is6() {
		if p, err := ip.Prefix(64); err == nil {
			return p.Addr()
		}
	}
	return ip
}

// counted is a connection that fair counts.
type counted struct {
	net.Conn

	gone func()
}

// Close implements net.Conn.
func (c *counted) Close() error {
	defer c.gone()
	return c.Conn.Close()
}
