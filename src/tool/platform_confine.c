/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Landlock and seccomp by hand, without their libraries: a list of rights, and a list of calls. The one file that knows processors
 * (where it does not, there is no filter), and what headers older than the kernel do not say.
 */
#define _GNU_SOURCE /* O_PATH, CLONE_THREAD */
#include "tool/proxy/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/compiler.h"

#if defined(__x86_64__) && defined(__LP64__)
#define ARCHITECTURE AUDIT_ARCH_X86_64
#define FOREIGN      0x40000000u /* x32's calls begin there */
#elif defined(__aarch64__) && defined(__LP64__) && !defined(__AARCH64EB__)
#define ARCHITECTURE AUDIT_ARCH_AARCH64
#define FOREIGN      UINT32_MAX
#else
#define ARCHITECTURE 0
#define FOREIGN      UINT32_MAX
#endif

/* ---- builds that watch themselves ---- */

extern void __asan_init(void) HF_WEAK;
extern void __tsan_init(void) HF_WEAK;
extern void __msan_init(void) HF_WEAK;
extern void __gcov_init(void *) HF_WEAK;

static bool is_covered(void)
{
    return __gcov_init != NULL;
}

bool hf_confine_is_loose(void)
{
    return __asan_init || __tsan_init || __msan_init || is_covered();
}

/* ---- files ---- */

/* Of all processors; linux/landlock.h may be older than what we ask for. */
enum {
    LANDLOCK_CREATE = 444,
    LANDLOCK_ADD_RULE,
    LANDLOCK_RESTRICT,
    ASK_VERSION = 1,
    BENEATH = 1,
    FILE_EXECUTE = 1 << 0,
    FILE_READ = 1 << 2,
    FILE_LIST = 1 << 3,
    NET_BIND_TCP = 1 << 0,
    SCOPE_SIGNALS = 1 << 1
};

typedef struct rights {
    uint64_t files, net, scopes;
} rights;

typedef struct beneath {
    uint64_t files;
    int32_t folder;
} beneath; /* the kernel's is packed: it ends with the folder */

static long version(void)
{
    return syscall(LANDLOCK_CREATE, NULL, (size_t)0, ASK_VERSION);
}

/* All rights over files that it knows: 13 at first, then moves, sizes, devices. */
static rights all_of(long has)
{
    int n = has >= 5 ? 16 : has >= 3 ? 15 : has >= 2 ? 14 : 13;

    return (rights){ .files = ((uint64_t)1 << n) - 1,
                     .net = has >= 4 ? NET_BIND_TCP : 0,
                     .scopes = has >= 6 ? SCOPE_SIGNALS : 0 };
}

static size_t size_of(long has)
{
    return has >= 6 ? sizeof(rights) : has >= 4 ? offsetof(rights, scopes) : offsetof(rights, net);
}

/* What is not there needs no rule. */
static bool allow(int ruleset, const char *path, uint64_t what)
{
    beneath rule = { .files = what, .folder = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC) };
    bool good;

    if (rule.folder < 0)
        return true;
    good = syscall(LANDLOCK_ADD_RULE, ruleset, BENEATH, &rule, 0) == 0;
    close(rule.folder);
    return good;
}

static bool confine_files(const char *folder)
{
    long has = version();
    rights all = all_of(has);
    int ruleset = has < 1 ? -1 : (int)syscall(LANDLOCK_CREATE, &all, size_of(has), 0);
    bool good = ruleset >= 0;

    if (good && hf_confine_is_loose())
        good = allow(ruleset, "/", is_covered() ? all.files : FILE_READ | FILE_LIST | FILE_EXECUTE);
    if (good && folder)
        good = allow(ruleset, folder, FILE_READ);
    good = good && syscall(LANDLOCK_RESTRICT, ruleset, 0) == 0;
    if (ruleset >= 0)
        close(ruleset);
    return good;
}

/* ---- calls ---- */

enum {
    ANY = -1,             /* whatever its arguments are */
    OWN_PID = UINT16_MAX, /* in place of a value */
    PROGRAM_MAX = 1024,
    FIOSETOWN_CALL = 0x8901,
    SIOCSPGRP_CALL = 0x8902,
    TIOCSTI_CALL = 0x5412,
    TIOCLINUX_CALL = 0x541c,
    SET_OWNER = 8, /* fcntl's: of signals, and which one */
    SET_SIGNAL = 10,
    SET_OWNER_EX = 15
};

typedef enum verdict { REFUSE, ALLOW, UNKNOWN } verdict;

/* The first that fits decides; what fits none is allowed. Numbers that are not the header's are the same for all processors. */
typedef struct rule {
    long call;
    int argument;
    uint32_t mask, value;
    verdict verdict;
    bool loose_too;
} rule;

/* clang-format off */
#define IF(call, argument, mask, value, verdict) { call, argument, mask, value, verdict, true },
#define NEVER(call)                              { call, ANY, 0, 0, REFUSE, true },
#define NEVER_UNLESS_LOOSE(call)                 { call, ANY, 0, 0, REFUSE, false },
#define WITHOUT(call)                            { call, ANY, 0, 0, UNKNOWN, true },
#define WHOLE                                    UINT32_MAX
/* clang-format on */

/* clang-format off */
static const rule rules[] = {
    /* other programs, other processes; threads of our own are fine (clone3 hides its flags, so callers must do without it) */
    NEVER_UNLESS_LOOSE(SYS_execve)
    NEVER_UNLESS_LOOSE(SYS_execveat)
    NEVER_UNLESS_LOOSE(SYS_ptrace)
    IF(SYS_clone, 0, CLONE_THREAD, CLONE_THREAD, ALLOW)
    NEVER_UNLESS_LOOSE(SYS_clone)
    WITHOUT(435 /* clone3 */)
#ifdef SYS_fork
    NEVER_UNLESS_LOOSE(SYS_fork)
    NEVER_UNLESS_LOOSE(SYS_vfork)
#endif
    /* signals go to ourselves alone (abort) */
    IF(SYS_kill, 0, WHOLE, OWN_PID, ALLOW)
    NEVER(SYS_kill)
    IF(SYS_tgkill, 0, WHOLE, OWN_PID, ALLOW)
    NEVER(SYS_tgkill)
    NEVER(SYS_tkill)
    NEVER(SYS_rt_sigqueueinfo)
    NEVER(SYS_rt_tgsigqueueinfo)
    IF(SYS_fcntl, 1, WHOLE, SET_OWNER, REFUSE)
    IF(SYS_fcntl, 1, WHOLE, SET_SIGNAL, REFUSE)
    IF(SYS_fcntl, 1, WHOLE, SET_OWNER_EX, REFUSE)
    IF(SYS_ioctl, 1, WHOLE, FIOSETOWN_CALL, REFUSE)
    IF(SYS_ioctl, 1, WHOLE, SIOCSPGRP_CALL, REFUSE)
    /* nor do words typed into the terminal that the log goes to */
    IF(SYS_ioctl, 1, WHOLE, TIOCSTI_CALL, REFUSE)
    IF(SYS_ioctl, 1, WHOLE, TIOCLINUX_CALL, REFUSE)
    NEVER(424 /* pidfd_send_signal */)
    NEVER(434 /* pidfd_open */)
    NEVER(438 /* pidfd_getfd */)
    NEVER(SYS_process_vm_readv)
    NEVER(SYS_process_vm_writev)
    NEVER(440 /* process_madvise */)
    NEVER(448 /* process_mrelease */)
    NEVER(SYS_kcmp)
    NEVER(SYS_migrate_pages)
    NEVER(SYS_move_pages)
    /* the limits and the share of other processes */
    IF(SYS_prlimit64, 0, WHOLE, 0, ALLOW)
    IF(SYS_prlimit64, 0, WHOLE, OWN_PID, ALLOW)
    NEVER(SYS_prlimit64)
    IF(SYS_setpriority, 0, WHOLE, PRIO_PGRP, REFUSE)
    IF(SYS_setpriority, 0, WHOLE, PRIO_USER, REFUSE)
    IF(SYS_setpriority, 1, WHOLE, 0, ALLOW)
    NEVER(SYS_setpriority)
    NEVER(SYS_sched_setaffinity)
    NEVER(SYS_sched_setparam)
    NEVER(SYS_sched_setscheduler)
    NEVER(SYS_sched_setattr)
    NEVER(SYS_ioprio_set)
    /* no doors of its own, and no sockets but those of the net and of backends */
    NEVER(SYS_bind)
    NEVER(SYS_listen)
    IF(SYS_socket, 0, WHOLE, AF_INET, ALLOW)
    IF(SYS_socket, 0, WHOLE, AF_INET6, ALLOW)
    IF(SYS_socket, 0, WHOLE, AF_UNIX, ALLOW)
    NEVER(SYS_socket)
    /* nor a say in which of the doors clients come to: those are the parent's, and stay when we are gone */
    IF(SYS_setsockopt, 2, WHOLE, SO_ATTACH_FILTER, REFUSE)
    IF(SYS_setsockopt, 2, WHOLE, SO_ATTACH_BPF, REFUSE)
    IF(SYS_setsockopt, 2, WHOLE, SO_ATTACH_REUSEPORT_CBPF, REFUSE)
    IF(SYS_setsockopt, 2, WHOLE, SO_ATTACH_REUSEPORT_EBPF, REFUSE)
    /* files by their names, where Landlock looks away, or does in older kernels */
#ifdef SYS_chmod
    NEVER(SYS_chmod)
    NEVER(SYS_chown)
    NEVER(SYS_lchown)
    NEVER(SYS_utime)
    NEVER(SYS_utimes)
    NEVER(SYS_futimesat)
    NEVER_UNLESS_LOOSE(SYS_creat)
    { SYS_open, 1, O_TRUNC, O_TRUNC, REFUSE, false },
#endif
    { SYS_openat, 2, O_TRUNC, O_TRUNC, REFUSE, false },
    WITHOUT(437 /* openat2: it hides its flags */)
    NEVER_UNLESS_LOOSE(SYS_truncate)
    NEVER(SYS_fchmod)
    NEVER(SYS_fchmodat)
    NEVER(452 /* fchmodat2 */)
    NEVER(SYS_fchown)
    NEVER(SYS_fchownat)
    NEVER(SYS_setxattr)
    NEVER(SYS_lsetxattr)
    NEVER(SYS_fsetxattr)
    NEVER(SYS_removexattr)
    NEVER(SYS_lremovexattr)
    NEVER(SYS_fremovexattr)
    NEVER(SYS_utimensat)
    NEVER(SYS_open_by_handle_at)
    NEVER(SYS_name_to_handle_at)
    /* the system */
    NEVER(SYS_mount)
    NEVER(SYS_umount2)
    NEVER(SYS_pivot_root)
    NEVER(SYS_chroot)
    NEVER(SYS_unshare)
    NEVER(SYS_setns)
    NEVER(428 /* open_tree */)
    NEVER(429 /* move_mount */)
    NEVER(430 /* fsopen */)
    NEVER(431 /* fsconfig */)
    NEVER(432 /* fsmount */)
    NEVER(433 /* fspick */)
    NEVER(442 /* mount_setattr */)
    NEVER(SYS_swapon)
    NEVER(SYS_swapoff)
    NEVER(SYS_reboot)
    NEVER(SYS_init_module)
    NEVER(SYS_finit_module)
    NEVER(SYS_delete_module)
    NEVER(SYS_kexec_load)
    NEVER(SYS_quotactl)
    NEVER(SYS_acct)
    NEVER(SYS_personality)
    /* where the kernel's own faults were found */
    NEVER(SYS_bpf)
    NEVER(SYS_perf_event_open)
    NEVER(SYS_userfaultfd)
    NEVER(SYS_add_key)
    NEVER(SYS_request_key)
    NEVER(SYS_keyctl)
    NEVER(SYS_fanotify_init)
    NEVER(SYS_remap_file_pages)
    NEVER(425 /* io_uring_setup */)
    NEVER(427 /* io_uring_register */)
};
/* clang-format on */

typedef struct program {
    struct sock_filter at[PROGRAM_MAX];
    unsigned short n;
} program;

static void put(program *p, unsigned code, uint32_t k, unsigned yes, unsigned no)
{
    if (p->n < PROGRAM_MAX)
        p->at[p->n++] = (struct sock_filter){ (unsigned short)code, (uint8_t)yes, (uint8_t)no, k };
}

static void load(program *p, size_t offset)
{
    put(p, BPF_LD | BPF_W | BPF_ABS, (uint32_t)offset, 0, 0);
}

static void decide(program *p, verdict v)
{
    static const uint32_t says[] = { SECCOMP_RET_ERRNO | EPERM, SECCOMP_RET_ALLOW,
                                     SECCOMP_RET_ERRNO | ENOSYS };

    put(p, BPF_RET | BPF_K, says[v], 0, 0);
}

/* The low half of an argument is all that these calls look at. */
static void put_rule(program *p, const rule *r)
{
    uint32_t value = r->value == OWN_PID ? (uint32_t)getpid() : r->value;

    put(p, BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)r->call, 0, r->argument == ANY ? 1 : 5);
    if (r->argument == ANY) {
        decide(p, r->verdict);
        return;
    }
    load(p, offsetof(struct seccomp_data, args) + 8 * (size_t)r->argument);
    put(p, BPF_ALU | BPF_AND | BPF_K, r->mask, 0, 0);
    put(p, BPF_JMP | BPF_JEQ | BPF_K, value, 0, 1);
    decide(p, r->verdict);
    load(p, offsetof(struct seccomp_data, nr));
}

static void write_program(program *p)
{
    bool loose = hf_confine_is_loose();

    load(p, offsetof(struct seccomp_data, arch));
    put(p, BPF_JMP | BPF_JEQ | BPF_K, ARCHITECTURE, 1, 0);
    decide(p, REFUSE); /* another processor's calls */
    load(p, offsetof(struct seccomp_data, nr));
    put(p, BPF_JMP | BPF_JGE | BPF_K, FOREIGN, 0, 1);
    decide(p, REFUSE);
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++)
        if (!loose || rules[i].loose_too)
            put_rule(p, &rules[i]);
    decide(p, ALLOW);
}

/* Without slower code of the processor's for it: nothing that is not ours ever runs here. */
static bool confine_calls(void)
{
    static program p;
    struct sock_fprog whole = { .filter = p.at };

    if (ARCHITECTURE == 0)
        return false;
    p.n = 0;
    write_program(&p);
    whole.len = p.n;
    return p.n < PROGRAM_MAX && syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
                                        SECCOMP_FILTER_FLAG_SPEC_ALLOW, &whole) == 0;
}

/* ---- both ---- */

hf_confined hf_confine_offered(void)
{
    uint32_t action = SECCOMP_RET_ERRNO;

    return (hf_confined){ .files = version() >= 1,
                          .calls =
                              ARCHITECTURE != 0 &&
                              syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) == 0 };
}

hf_confined hf_confine(const char *folder)
{
    bool files = confine_files(folder);

    return (hf_confined){ .files = files, .calls = confine_calls() };
}
