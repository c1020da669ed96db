/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Users, groups and capabilities. */
#include "tool/proxy/account.h"

#include <errno.h>
#include <grp.h>
#include <limits.h>
#include <linux/capability.h>
#include <pwd.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "tool/proxy/fault.h"

enum { CAPABILITIES = 64 /* that a kernel could know */ };

/* ---- who ---- */

static bool may_change(void)
{
    struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
    struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];
    uint32_t needed = 1u << CAP_SETUID | 1u << CAP_SETGID;

    memset(data, 0, sizeof data);
    return syscall(SYS_capget, &head, data) == 0 && (data[0].effective & needed) == needed;
}

static bool unknown_user(const hf_config_text *user, hf_config_fault *fault)
{
    char shown[HF_SHOWN_MAX];

    hf_fault_what(fault, user->at, "user: there is no user %s", hf_fault_shown(user->text, shown));
    hf_fault_why(fault, "the workers were to run as that user, and the system does not know it");
    return hf_fault_next(fault,
                         "name one that there is (getent passwd), or: useradd --system handfast");
}

static bool not_allowed(const hf_config_text *user, hf_config_fault *fault)
{
    char shown[HF_SHOWN_MAX];

    hf_fault_what(fault, user->at, "user: the workers cannot run as %s",
                  hf_fault_shown(user->text, shown));
    hf_fault_why(fault, "this proxy was started as user %lu, without the right to be another",
                 (unsigned long)geteuid());
    return hf_fault_next(fault, "start it as root, or leave user out: then they run as it does");
}

/* NULL: nobody else than we are. */
static const struct passwd *standard(const hf_proxy_config *config)
{
    return config->user.text || geteuid() != 0 || !may_change() ? NULL
                                                                : getpwnam(HF_ACCOUNT_STANDARD);
}

const char *hf_account_words(const hf_proxy_config *config)
{
    if (config->user.text || geteuid() != 0)
        return NULL;
    return standard(config) ? "user: is not set, so the workers of this proxy of root run "
                              "as " HF_ACCOUNT_STANDARD
                            : "user: is not set, and the workers run as root: there is no "
                              "user " HF_ACCOUNT_STANDARD
                              ", or no right to become it; name one that they can be";
}

static bool is_ourselves(const struct passwd *who)
{
    return who->pw_uid == geteuid() && who->pw_uid == getuid();
}

static bool fill(hf_account *account, const struct passwd *who)
{
    account->change = true;
    account->uid = who->pw_uid;
    account->gid = who->pw_gid;
    account->n_groups = HF_ACCOUNT_GROUPS;
    return getgrouplist(who->pw_name, who->pw_gid, account->groups, &account->n_groups) >= 0;
}

static bool too_many_groups(const hf_config_text *user, hf_config_fault *fault)
{
    hf_fault_what(fault, user->at, "user: it is in more than %d groups", HF_ACCOUNT_GROUPS);
    return hf_fault_next(fault, "name a user of the workers' own: useradd --system handfast");
}

bool hf_account_of(const hf_proxy_config *config, hf_account *account, hf_config_fault *fault)
{
    const hf_config_text *user = &config->user;
    const struct passwd *who = user->text ? getpwnam(user->text) : standard(config);

    memset(account, 0, sizeof *account);
    if (!user->text && !who)
        return true;
    if (!who)
        return unknown_user(user, fault);
    if (is_ourselves(who))
        return true;
    if (!may_change())
        return not_allowed(user, fault);
    if (fill(account, who))
        return true;
    return too_many_groups(user, fault);
}

bool hf_account_is_known(const hf_proxy_config *config, hf_config_fault *fault)
{
    const hf_config_text *user = &config->user;
    const struct passwd *who = user->text ? getpwnam(user->text) : NULL;
    hf_account unused;

    if (!user->text)
        return true;
    if (!who)
        return unknown_user(user, fault);
    return is_ourselves(who) || fill(&unused, who) || too_many_groups(user, fault);
}

hf_folder hf_account_folder(const hf_proxy_config *config)
{
    char path[PATH_MAX];
    struct stat is;

    if (config->challenges.text)
        hf_proxy_path(config, config->challenges.text, path, sizeof path);
    if (!config->challenges.text || stat(path, &is) != 0 || !S_ISDIR(is.st_mode))
        return (hf_folder){ 0, 0 };
    return (hf_folder){ is.st_dev, is.st_ino };
}

bool hf_account_same(const hf_account *a, const hf_account *b)
{
    return a->change == b->change && a->uid == b->uid && a->gid == b->gid &&
           a->challenges.device == b->challenges.device &&
           a->challenges.inode == b->challenges.inode && a->n_groups == b->n_groups &&
           memcmp(a->groups, b->groups, sizeof a->groups[0] * (size_t)a->n_groups) == 0;
}

/* ---- in a new worker ---- */

static bool drop_capabilities(void)
{
    struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
    struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3];

    memset(none, 0, sizeof none);
    return syscall(SYS_capset, &head, none) == 0;
}

/* setcap was used on the program: it could not be started with less in the bounding set than its file has. */
static bool has_own(void)
{
    return getxattr("/proc/self/exe", "security.capability", NULL, 0) > 0;
}

/* The bounding set: what no exec can give back, to root neither. Without the right to shrink it there is nothing in it for us, and
   "no new privileges" says it once more. */
static void shrink_bounds(void)
{
    (void)prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
    for (unsigned long i = 0; i < CAPABILITIES && !has_own(); i++)
        (void)prctl(PR_CAPBSET_DROP, i, 0, 0, 0);
}

static bool change_groups(const hf_account *a)
{
    return setgroups((size_t)a->n_groups, a->groups) == 0 && setgid(a->gid) == 0;
}

long hf_account_later(const hf_account *a)
{
    return a->change && geteuid() == 0 ? (long)a->uid : -1;
}

static bool give_up_rights(void)
{
    return drop_capabilities() && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;
}

bool hf_account_reaches(const hf_account *a, const char *folder)
{
    pid_t pid = a->change ? fork() : -1;
    int status = 0;

    if (pid == 0)
        _exit(change_groups(a) && setuid(a->uid) == 0 && access(folder, X_OK) != 0);
    while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    return status == 0;
}

/* It must not come back. */
static bool is_for_good(uid_t user)
{
    errno = EPERM;
    return user == 0 || setuid(0) != 0;
}

bool hf_account_become(const hf_account *a)
{
    bool later = hf_account_later(a) >= 0;

    if (later)
        return change_groups(a);
    shrink_bounds();
    if (a->change && !(change_groups(a) && setuid(a->uid) == 0))
        return false;
    return give_up_rights() && (!a->change || is_for_good(a->uid));
}

bool hf_account_become_later(long user)
{
    if (user < 0)
        return true;
    shrink_bounds();
    return setuid((uid_t)user) == 0 && give_up_rights() && is_for_good((uid_t)user);
}

void hf_process_hide(void)
{
    (void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    (void)prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
}

bool hf_process_seal(pid_t parent)
{
    hf_process_hide();
    (void)prctl(PR_SET_NAME, "handfast", 0, 0, 0); /* it came from /proc/self/exe */
    (void)prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    return getppid() == parent;
}
