//go:build !linux

package workspace_test

import "syscall"

// withParent asks for nothing: only Linux ends a child with its parent.
func withParent() *syscall.SysProcAttr { return nil }
