"""What a worker process may not do: use more than its memory, open sockets, start programs.

Oxigraph fetches whatever SERVICE or LOAD names and has no switch against it, so the kernel refuses: a seccomp filter
denies the
system calls. Where there is no seccomp (other systems than Linux) the refusal of the keywords remains, and `contain`
says so.
"""

from __future__ import annotations

import ctypes
import errno
import os
import resource
import threading
import time

# Reading from a connection that was handed over is allowed (`kg.query.direct`), making one is not.
NETWORK = (
    "socket",
    "socketpair",
    "connect",
    "bind",
    "listen",
    "accept",
    "accept4",
    "sendto",
    "sendmsg",
    "sendmmsg",
    "io_uring_setup",
    "io_uring_enter",
    "io_uring_register",  # io_uring opens sockets without the calls above
)
PROGRAMS = ("execve", "execveat", "fork", "vfork", "ptrace", "process_vm_readv", "process_vm_writev")
# A clone without this flag makes a process, with it a thread, which RocksDB needs (linux/sched.h).
CLONE_THREAD = 0x00010000
PR_SET_NO_NEW_PRIVS = 38
# What a worker is at when its parent goes may take so long; nearly all answers take less.
LAST_SECONDS = 0.5


def limit_memory(mebibytes: int) -> None:
    """Caps the address space: an allocation beyond it ends this process alone. 0 is no limit."""
    if mebibytes:
        resource.setrlimit(resource.RLIMIT_AS, (mebibytes << 20, mebibytes << 20))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def deny_system_calls() -> bool:
    """Denies starting programs and opening sockets. False where the system offers no such filter."""
    try:
        import pyseccomp
    except (ImportError, OSError, RuntimeError):
        return False
    ctypes.CDLL(None).prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    rules = pyseccomp.SyscallFilter(pyseccomp.ALLOW)
    for name in PROGRAMS + NETWORK:
        try:
            rules.add_rule(pyseccomp.ERRNO(errno.EPERM), name)
        except (OSError, ValueError):  # a call that this architecture does not have
            continue
    rules.add_rule(pyseccomp.ERRNO(errno.EPERM), "clone", pyseccomp.Arg(0, pyseccomp.MASKED_EQ, CLONE_THREAD, 0))
    # The flags of clone3 lie in memory, out of the filter's sight: without it the C library falls back to clone.
    rules.add_rule(pyseccomp.ERRNO(errno.ENOSYS), "clone3")
    rules.load()
    return True


def end_with_parent(at_work: threading.Lock | None = None) -> None:
    """Ends this process when its parent is gone, also in the middle of a query. What holds `at_work` is let finish, if that
    takes no longer than a moment: a short answer that has begun is not cut off."""
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1)
        if at_work is not None:
            at_work.acquire(timeout=LAST_SECONDS)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def contain(memory: int, at_work: threading.Lock | None = None) -> bool:
    """Contains this process; True if the kernel filters its system calls. `at_work` as in `end_with_parent`."""
    end_with_parent(at_work)
    limit_memory(memory)
    return deny_system_calls()
