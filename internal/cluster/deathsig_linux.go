package cluster

import "syscall"

// signalWhenOrphaned asks the kernel to send the signal to a child when its
// parent dies. The parent, to Linux, is the thread: see launch.
func signalWhenOrphaned(attr *syscall.SysProcAttr, signal syscall.Signal) { attr.Pdeathsig = signal }
