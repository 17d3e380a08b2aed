package email

import (
	"bytes"
	"errors"
	"io"
	"net"
	"testing"
	"testing/synctest"
	"time"

	"github.com/emersion/go-smtp"
)

// TestLettersMayTakeTime: a letter may be on its way for longer than a server may be
// silent, but not for ever.
func TestLettersMayTakeTime(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		every  time.Duration
		pieces int
		whole  bool
		took   time.Duration
	}{
		"slow":                {40 * time.Second, 5, true, 200 * time.Second},
		"silent":              {2 * idleFor, 1, false, idleFor},
		"a byte now and then": {30 * time.Second, 1000, false, takeFor},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ours, theirs := net.Pipe()
				// That of the line with DATA.
				if err := ours.SetReadDeadline(time.Now().Add(idleFor)); err != nil {
					t.Fatal(err)
				}
				began := time.Now()
				over := make(chan struct{})
				defer close(over)
				go func() {
					defer theirs.Close()
					for range tt.pieces {
						select {
						case <-time.After(tt.every):
						case <-over:
							return
						}
						if _, err := io.WriteString(theirs, "x"); err != nil {
							return
						}
					}
				}()
				b := &inbox{cfg: InboxConfig{MaxBytes: 1 << 20}}
				raw, err := b.read(ours, ours)
				if took := time.Since(began); took != tt.took {
					t.Errorf("it took %s, want %s", took, tt.took)
				}
				if tt.whole {
					if err != nil || !bytes.Equal(raw, bytes.Repeat([]byte("x"), tt.pieces)) {
						t.Errorf("read %q, %v", raw, err)
					}
					return
				}
				if se, ok := errors.AsType[*smtp.SMTPError](err); !ok || se.Code != 451 {
					t.Errorf("answered %v", err)
				}
				if _, err := ours.Write([]byte("x")); !errors.Is(err, io.ErrClosedPipe) {
					t.Errorf("the connection is open: %v", err)
				}
			})
		})
	}
}
