//go:build unix && !linux

package cluster

import "syscall"

// signalWhenOrphaned does nothing here: if the portal is killed its server
// stays, and the next start ends it (see endLeftovers).
func signalWhenOrphaned(*syscall.SysProcAttr, syscall.Signal) {}
