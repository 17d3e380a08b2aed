package redistest

import (
	"os/exec"
	"syscall"
)

// dieWithParent makes the kernel end the server when the test binary ends, even
// when it is killed.
func dieWithParent(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
}
