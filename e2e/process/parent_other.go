//go:build !linux

package process

import "syscall"

// withParent asks for nothing: only Linux ends a child with its parent.
func withParent() *syscall.SysProcAttr { return nil }
