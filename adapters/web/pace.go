package web

import (
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/time/rate"

	"taskbridge/bot/words"
)

// How much one person, and whoever wants to come in from one place, may ask of us. It is
// far above what hands do and below what keeps others waiting.
const (
	actsPerSecond, actsAtOnce   = 5, 40
	readsPerSecond, readsAtOnce = 20, 120
	// asksAtOnce is how many sign-in links one may ask for from one place, and askAgain how
	// long each further one takes.
	asksAtOnce, askAgain = 5, time.Minute
	// linesPerPerson is how many pages one person may have open.
	linesPerPerson = 24
	// rememberedPaces is how many people's paces are remembered; who was forgotten
	// begins anew.
	rememberedPaces = 4096
)

// paces bounds how fast each person may act, whatever the number of their sessions.
type paces struct {
	mu     sync.Mutex
	people *lru.Cache[string, *paceOf]
}

// paceOf is that of one person, or of one place from which somebody wants to come in.
type paceOf struct {
	acts, reads, asks *rate.Limiter
	lines             int
}

func newPaces() (*paces, error) {
	people, err := lru.New[string, *paceOf](rememberedPaces)
	if err != nil {
		return nil, fmt.Errorf("web: remember paces: %w", err)
	}
	return &paces{people: people}, nil
}

// of gives a person's pace; p.mu is held.
func (p *paces) of(person string) *paceOf {
	if known, ok := p.people.Get(person); ok {
		return known
	}
	fresh := &paceOf{
		acts: rate.NewLimiter(actsPerSecond, actsAtOnce), reads: rate.NewLimiter(readsPerSecond, readsAtOnce),
		asks: rate.NewLimiter(rate.Every(askAgain), asksAtOnce),
	}
	p.people.Add(person, fresh)
	return fresh
}

// take counts a request of a person's and gives how long they have to wait, zero for
// not at all. Who is tried out on this machine is not counted: several windows and the
// story itself are one person there.
func (p *paces) take(v *visit, method string, now time.Time) time.Duration {
	if v.persona != "" {
		return 0
	}
	p.mu.Lock()
	limit := p.of(v.ID).acts
	if method == http.MethodGet || method == http.MethodHead {
		limit = p.of(v.ID).reads
	}
	p.mu.Unlock()
	return waitFor(limit, now)
}

// knock counts somebody who comes with a link and gives how long they have to wait. Each
// place is counted for itself: what one does must not keep everybody out.
func (p *paces) knock(place string, now time.Time) time.Duration {
	return waitFor(p.at(place).acts, now)
}

// ask counts somebody who wants a link by mail and gives how long they have to wait.
func (p *paces) ask(place string, now time.Time) time.Duration {
	return waitFor(p.at(place).asks, now)
}

// at gives the pace of a place.
func (p *paces) at(place string) *paceOf {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.of("door/" + place)
}

// waitFor takes one of a limiter and gives how long to wait when there is none.
func waitFor(l *rate.Limiter, now time.Time) time.Duration {
	r := l.ReserveN(now, 1)
	wait := r.DelayFrom(now)
	if wait > 0 {
		r.CancelAt(now)
	}
	return wait
}

// enter counts an open page of a person's in; leave counts it out.
func (p *paces) enter(person string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	one := p.of(person)
	if one.lines >= linesPerPerson {
		return false
	}
	one.lines++
	return true
}

func (p *paces) leave(person string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	one := p.of(person)
	one.lines = max(0, one.lines-1)
}

// tooFast tells somebody to wait.
func tooFast(w http.ResponseWriter, in words.Words, wait time.Duration) {
	w.Header().Set("Retry-After", strconv.Itoa(int(wait/time.Second)+1))
	http.Error(w, in.Say("That was too fast, and nothing was changed. Wait a moment and send it again."), http.StatusTooManyRequests)
}
