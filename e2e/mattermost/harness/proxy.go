package harness

import (
	"io"
	"net"
	"strings"
	"sync"
	"testing"
)

// Proxy is a line between two programs that can be cut. It carries anything that
// runs over TCP, so REST calls and websockets are cut together.
type Proxy struct {
	// URL is its address, to be used in place of the target's.
	URL string

	target string
	l      net.Listener

	mu    sync.Mutex
	cut   bool
	deaf  bool
	conns map[net.Conn]struct{}
}

// NewProxy starts a proxy in front of the base address target ("http://host:port").
func NewProxy(t testing.TB, target string) *Proxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatalf("start a proxy: %v", err)
	}
	p := &Proxy{URL: "http://" + l.Addr().String(), target: strings.TrimPrefix(target, "http://"), l: l, conns: map[net.Conn]struct{}{}}
	go p.accept()
	t.Cleanup(func() {
		_ = l.Close()
		p.Drop()
	})
	return p
}

// Cut ends every connection and lets no new one through.
func (p *Proxy) Cut() {
	p.mu.Lock()
	p.cut = true
	p.mu.Unlock()
	p.Drop()
}

// Deafen carries what is sent to the target but ends the connection instead of
// carrying an answer back: the target acts, and the caller never learns of it.
func (p *Proxy) Deafen() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.deaf = true
}

// Restore ends Cut and Deafen.
func (p *Proxy) Restore() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.cut, p.deaf = false, false
}

// Drop ends every connection there is; new ones get through unless the line is cut.
func (p *Proxy) Drop() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.conns {
		_ = c.Close()
	}
}

func (p *Proxy) accept() {
	for {
		in, err := p.l.Accept()
		if err != nil {
			return
		}
		go p.carry(in)
	}
}

func (p *Proxy) carry(in net.Conn) {
	if !p.keep(in) {
		return
	}
	defer p.forget(in)
	out, err := net.Dial("tcp", p.target)
	if err != nil || !p.keep(out) {
		return
	}
	defer p.forget(out)
	done := make(chan struct{}, 2)
	go func() {
		// An error here is the end of the connection, which is what is awaited.
		_, _ = io.Copy(out, in)
		done <- struct{}{}
	}()
	go func() {
		_, _ = io.Copy(in, answers{p, out})
		done <- struct{}{}
	}()
	<-done
}

// keep remembers a connection so that it can be cut, or closes it at once.
func (p *Proxy) keep(c net.Conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.cut {
		_ = c.Close()
		return false
	}
	p.conns[c] = struct{}{}
	return true
}

func (p *Proxy) forget(c net.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.conns, c)
	_ = c.Close()
}

// answers is the target's side of a connection, which a deafened proxy ends.
type answers struct {
	p    *Proxy
	conn net.Conn
}

// Read implements io.Reader.
func (a answers) Read(b []byte) (int, error) {
	n, err := a.conn.Read(b)
	a.p.mu.Lock()
	defer a.p.mu.Unlock()
	if a.p.deaf {
		return 0, io.EOF
	}
	return n, err
}
