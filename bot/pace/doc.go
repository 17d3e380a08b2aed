// Package pace keeps to the platforms' allowances before they complain, within one
// process.
//
// The count is the generic cell rate algorithm: of each allowance one moment is
// kept, the one at which everything that was taken will have been paid back. What
// is not remembered is counted as used up, in part after a start and wholly once
// somebody else may have used it.
//
// It must not know any platform: adapters say what is allowed.
package pace
