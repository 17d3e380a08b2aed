package process

import (
	"errors"
	"math/rand/v2"
	"sync"
	"sync/atomic"
)

// Together lets n things happen, by all acts at once and beside what unsettles them. At a
// moment drawn from rng it calls meanwhile; what is left happens beside that and after it.
// An act that fails is not done again; the errors of all are returned.
func Together(rng *rand.Rand, n int, acts []func() error, unsettle func(rng *rand.Rand, stop <-chan struct{}), meanwhile func()) error {
	var count atomic.Int64
	var all, beside sync.WaitGroup
	errs := make([]error, len(acts))
	moment, now := int64(1+rng.IntN(n)), make(chan struct{})
	for i, act := range acts {
		all.Go(func() {
			for errs[i] == nil {
				at := count.Add(1)
				if at == moment {
					close(now)
				}
				if at > int64(n) {
					return
				}
				errs[i] = act()
			}
		})
	}
	stop := make(chan struct{})
	own := rand.New(rand.NewPCG(rng.Uint64(), 0))
	beside.Go(func() { unsettle(own, stop) })
	ended := make(chan struct{})
	go func() { defer close(ended); all.Wait() }()
	select {
	case <-now:
		meanwhile()
	case <-ended:
		// All failed before.
	}
	<-ended
	close(stop)
	beside.Wait()
	return errors.Join(errs...)
}
