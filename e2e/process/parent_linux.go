package process

import "syscall"

// withParent ends the program with the test binary, also when that is killed.
func withParent() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
}
