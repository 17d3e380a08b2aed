package sqlstore

import "slices"

// groupLock is a lock within a group: its holders and those who wait, first come, first
// served. A holder may ask again, also for more; whoever holds it together with
// others then waits for them.
type groupLock struct {
	holders []*riderSession
	// mode is how it is held, if it is.
	mode    lockMode
	waiting []waiter
}

type waiter struct {
	session *riderSession
	mode    lockMode
}

// join takes the lock, or a place in its queue. It tells whether it was taken.
func (l *groupLock) join(s *riderSession, m lockMode) bool {
	mine := slices.Contains(l.holders, s)
	switch {
	case mine && (m == shared || l.mode == exclusive):
		return true
	case len(l.waiting) == 0 && l.free(s, m):
		l.take(s, m)
		return true
	case mine && l.free(s, m):
		// Those who wait cannot go before a holder anyway.
		l.take(s, m)
		return true
	}
	l.waiting = append(l.waiting, waiter{s, m})
	return false
}

// free tells whether the lock can be held by s now.
func (l *groupLock) free(s *riderSession, m lockMode) bool {
	return len(l.holders) == 0 || m == shared && l.mode == shared || len(l.holders) == 1 && l.holders[0] == s
}

func (l *groupLock) take(s *riderSession, m lockMode) {
	if !slices.Contains(l.holders, s) {
		l.holders = append(l.holders, s)
	}
	l.mode = m
}

// leave lets go of the lock and gives those who can hold it now.
func (l *groupLock) leave(s *riderSession) (next []*riderSession) {
	l.holders = slices.DeleteFunc(l.holders, func(h *riderSession) bool { return h == s })
	for len(l.waiting) > 0 && l.free(l.waiting[0].session, l.waiting[0].mode) {
		w := l.waiting[0]
		l.waiting = l.waiting[1:]
		l.take(w.session, w.mode)
		next = append(next, w.session)
	}
	return next
}
