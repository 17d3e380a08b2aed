//go:build !linux

package pgtest

import "os/exec"

// dieWithParent does nothing: only Linux ends children with their parent. Stop
// ends the server unless the test binary is killed.
func dieWithParent(*exec.Cmd) {}
