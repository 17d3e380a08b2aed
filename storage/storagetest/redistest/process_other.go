//go:build !linux

package redistest

import "os/exec"

// dieWithParent does nothing: only Linux ends children with their parent.
func dieWithParent(*exec.Cmd) {}
