package main

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// slowedSocket is the slowed program's file that leads to its supervisor.
const slowedSocket = 3

// slowed rewrites cmd so that every fsync and fdatasync of the program it starts, and
// of its children, takes longer by delay: as on a disk that is slower by that much. The
// kernel asks a supervisor in this process about each such call (seccomp_unotify(2)),
// which lets it pass after the delay. The function that it returns begins to supervise
// and is to be called once cmd has started.
func slowed(cmd *exec.Cmd, self string, delay time.Duration) (supervise func() error, err error) {
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("slow down syncs: %w", err)
	}
	ours, theirs := os.NewFile(uintptr(pair[0]), "supervisor"), os.NewFile(uintptr(pair[1]), "slowed")
	cmd.Args = append([]string{self, slowedArg, cmd.Path}, cmd.Args[1:]...)
	cmd.Path, cmd.ExtraFiles = self, []*os.File{theirs}
	return func() error {
		defer ours.Close()
		_ = theirs.Close() // The child has its own.
		listener, err := receiveFile(ours)
		if err != nil {
			return fmt.Errorf("slow down syncs: %w", err)
		}
		go superviseSyncs(listener, delay)
		return nil
	}, nil
}

// becomeSlowed turns this process into the program args[0], its syncs reported to the
// supervisor.
func becomeSlowed(args []string) error {
	// The filter holds for the thread that sets it, which the new program goes on as.
	runtime.LockOSThread()
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return fmt.Errorf("forbid new privileges: %w", err)
	}
	listener, err := reportSyncs()
	if err != nil {
		return err
	}
	if err := unix.Sendmsg(slowedSocket, []byte{0}, unix.UnixRights(listener), nil, 0); err != nil {
		return fmt.Errorf("hand the filter to its supervisor: %w", err)
	}
	unix.CloseOnExec(slowedSocket)
	unix.CloseOnExec(listener)
	if err := syscall.Exec(args[0], args, os.Environ()); err != nil {
		return fmt.Errorf("run %s: %w", args[0], err)
	}
	return nil
}

// reportSyncs sets a filter that asks about every sync and returns what answers for it.
// Once a question was read, only a fatal signal ends the wait for its answer: the
// runtime's own signals would otherwise have the call asked about again.
func reportSyncs() (listener int, err error) {
	const number = 0 // of struct seccomp_data, the offset of the call's number.
	filter := []unix.SockFilter{
		{Code: unix.BPF_LD | unix.BPF_W | unix.BPF_ABS, K: number},
		{Code: unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, K: unix.SYS_FSYNC, Jt: 1},
		{Code: unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, K: unix.SYS_FDATASYNC, Jf: 1},
		{Code: unix.BPF_RET | unix.BPF_K, K: unix.SECCOMP_RET_USER_NOTIF},
		{Code: unix.BPF_RET | unix.BPF_K, K: unix.SECCOMP_RET_ALLOW},
	}
	program := unix.SockFprog{Len: uint16(len(filter)), Filter: &filter[0]}
	fd, _, errno := unix.Syscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER,
		unix.SECCOMP_FILTER_FLAG_NEW_LISTENER|unix.SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV,
		uintptr(unsafe.Pointer(&program)))
	if errno != 0 {
		return 0, fmt.Errorf("set a filter of system calls (it takes Linux 5.19): %w", errno)
	}
	return int(fd), nil
}

// receiveFile takes the file that the other end of a socket sends.
func receiveFile(socket *os.File) (int, error) {
	conn, err := net.FileConn(socket)
	if err != nil {
		return 0, err
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(stopGrace)); err != nil {
		return 0, err
	}
	rights := make([]byte, unix.CmsgSpace(4))
	_, n, _, _, err := conn.(*net.UnixConn).ReadMsgUnix(make([]byte, 1), rights)
	if err != nil {
		return 0, err
	}
	messages, err := unix.ParseSocketControlMessage(rights[:n])
	if err != nil || len(messages) != 1 {
		return 0, errors.Join(errors.New("the program sent no filter; its log says why"), err)
	}
	files, err := unix.ParseUnixRights(&messages[0])
	if err != nil || len(files) != 1 {
		return 0, errors.Join(errors.New("the program sent no filter"), err)
	}
	return files[0], nil
}

// question and verdict are struct seccomp_notif and struct seccomp_notif_resp.
type question struct {
	id         uint64
	pid, flags uint32
	call       [64]byte
}

type verdict struct {
	id    uint64
	value int64
	errno int32
	flags uint32
}

// superviseSyncs lets every sync pass after a delay, each on its own, until all who
// could ask are gone.
func superviseSyncs(listener int, delay time.Duration) {
	defer unix.Close(listener)
	for {
		poll := []unix.PollFd{{Fd: int32(listener), Events: unix.POLLIN}}
		_, err := unix.Poll(poll, -1)
		if errors.Is(err, unix.EINTR) {
			continue
		}
		if err != nil || poll[0].Revents&unix.POLLIN == 0 {
			return
		}
		var q question
		if control(listener, unix.SECCOMP_IOCTL_NOTIF_RECV, unsafe.Pointer(&q)) != nil {
			continue // Whoever asked was killed meanwhile.
		}
		go func() {
			preciseSleep(delay)
			// A failure means that nobody waits for it any more.
			_ = control(listener, unix.SECCOMP_IOCTL_NOTIF_SEND,
				unsafe.Pointer(&verdict{id: q.id, flags: unix.SECCOMP_USER_NOTIF_FLAG_CONTINUE}))
		}()
	}
}

func control(fd int, request uintptr, arg unsafe.Pointer) error {
	if _, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(fd), request, uintptr(arg)); errno != 0 {
		return errno
	}
	return nil
}
