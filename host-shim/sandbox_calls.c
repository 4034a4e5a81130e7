/* SPDX-License-Identifier: ISC */
/*
 * The system calls of vamtd, its worker threads and libvirt's client library: measured in the lab
 * (strace), and what the C library may choose instead. Everything else is refused with EPERM,
 * clone3 with ENOSYS, so that the C library takes clone, whose flags can be looked at: threads
 * are made, processes are not. Nothing becomes writable and executable at once.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <seccomp.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#include "base/util.h"
#include "sandbox.h"
#include "shimlog.h"

static const char *const allowed[] = {
    /* files */
    "read", "pread64", "readv", "write", "pwrite64", "writev", "open", "openat", "close",
    "stat", "fstat", "lstat", "newfstatat", "statx", "statfs", "fstatfs", "lseek",
    "access", "faccessat", "faccessat2", "readlink", "readlinkat", "getdents64", "mkdir",
    "mkdirat", "rmdir", "unlink", "unlinkat", "rename", "renameat", "renameat2",
    "ftruncate", "fsync", "fdatasync", "fcntl", "flock", "dup", "dup2", "dup3", "pipe",
    "pipe2", "getcwd", "umask", "fchmod", "ioctl", "fadvise64",
    /* sockets; their families are looked at below */
    "connect", "bind", "listen", "accept", "accept4", "getsockname", "getpeername",
    "getsockopt", "setsockopt", "sendto", "recvfrom", "sendmsg", "recvmsg", "sendmmsg",
    "shutdown",
    /* waiting */
    "poll", "ppoll", "select", "pselect6", "epoll_create1", "epoll_ctl", "epoll_wait",
    "epoll_pwait", "eventfd2", "signalfd4", "nanosleep", "clock_nanosleep",
    "restart_syscall",
    /* time, memory, threads */
    "clock_gettime", "clock_getres", "gettimeofday", "time", "brk", "munmap", "mremap",
    "madvise", "futex", "set_robust_list", "get_robust_list", "rseq", "sched_yield",
    "sched_getaffinity", "gettid", "getpid", "getppid", "getpgrp", "tgkill", "exit",
    "exit_group", "getrandom", "getuid", "geteuid", "getgid", "getegid", "getresuid",
    "getresgid", "getgroups", "capget", "prctl", "sysinfo", "uname", "getrusage",
    "prlimit64", "rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "rt_sigtimedwait",
    "sigaltstack", "membarrier", "arch_prctl", "set_tid_address", "kcmp"};

static int allow(scmp_filter_ctx ctx, const char *name)
{
    int number = seccomp_syscall_resolve_name(name);

    /* one that this machine does not have */
    return number == __NR_SCMP_ERROR ? 0
                                     : seccomp_rule_add(ctx, SCMP_ACT_ALLOW, number, 0);
}

/* Calls whose arguments matter. */
static int allow_some(scmp_filter_ctx ctx)
{
    static const int families[] = {AF_UNIX, AF_INET, AF_INET6, AF_NETLINK, AF_PACKET};
    int failed = 0;

    for (size_t i = 0; i < UTIL_COUNT(families); i++) {
        failed |= seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(socket), 1,
                                   SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)families[i], 0));
    }
    failed |= seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(socketpair), 1,
                               SCMP_A0(SCMP_CMP_EQ, AF_UNIX, 0));
    failed |= seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(clone), 1,
                               SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, CLONE_THREAD));
    failed |= seccomp_rule_add(ctx, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
    failed |= seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1,
                               SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
    failed |= seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1,
                               SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
    /* a shared library, e.g. of the name service */
    failed |= seccomp_rule_add(
        ctx, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1,
        SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC | PROT_WRITE, PROT_EXEC));
    return failed;
}

bool sandbox_confine(void)
{
    scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ERRNO(EPERM));
    int failed = ctx == NULL ? -ENOMEM : seccomp_attr_set(ctx, SCMP_FLTATR_CTL_NNP, 1);

    for (size_t i = 0; failed == 0 && i < UTIL_COUNT(allowed); i++) {
        failed = allow(ctx, allowed[i]);
    }
    failed = failed != 0 ? failed : allow_some(ctx);
    failed = failed != 0 ? failed : seccomp_load(ctx);
    if (ctx != NULL) {
        seccomp_release(ctx);
    }
    if (failed != 0) {
        shimlog(SHIMLOG_ERROR, NULL, "the filter of system calls: error %d", -failed);
    }
    return failed == 0;
}
