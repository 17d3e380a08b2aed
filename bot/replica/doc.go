// Package replica lets several processes serve one desk: it counts them, shares the
// platforms' allowances out among them and gives one of them at a time what must
// not be done by two.
//
// The database decides: leases and the number of replicas are in it. A coordinator
// beside it, where there is one, only makes things quicker.
//
// It must not know any platform or what is done under a lease.
package replica
