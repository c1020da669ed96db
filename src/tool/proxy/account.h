/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Whom workers run as, and that they can never be anybody else again. */
#ifndef HF_TOOL_PROXY_ACCOUNT_H
#define HF_TOOL_PROXY_ACCOUNT_H

#include <sys/types.h>

#include "tool/proxy/config.h"

enum { HF_ACCOUNT_GROUPS = 64 };

/* The workers' of a proxy that root starts without saying whose. */
#define HF_ACCOUNT_STANDARD "nobody"

/* Which one it is, whatever its path; zeros: there is none. */
typedef struct hf_folder {
    uint64_t device, inode;
} hf_folder;

typedef struct hf_account {
    bool change; /* to these; else as the parent */
    uid_t uid;
    gid_t gid, groups[HF_ACCOUNT_GROUPS];
    int n_groups;
    hf_folder challenges; /* workers confine themselves to it (confine.h): others for another */
} hf_account;

/* Of `user:`; without it, and as root, HF_ACCOUNT_STANDARD if there is one. False: fault, because there is no such user, or because we
   have not the right. */
bool hf_account_of(const hf_proxy_config *config, hf_account *account, hf_config_fault *fault);
/* That of `challenges:`, for hf_account.challenges. Looks at the disk, which may take its time. */
hf_folder hf_account_folder(const hf_proxy_config *config);
/* Only that there is such a user, of not too many groups: whether we may become it is for whoever runs the proxy to see. */
bool hf_account_is_known(const hf_proxy_config *config, hf_config_fault *fault);
bool hf_account_same(const hf_account *a, const hf_account *b);
/* Whether they can go into that folder, which a child finds out. True also where that cannot be asked. */
bool hf_account_reaches(const hf_account *account, const char *folder);
/* What is to be said of workers whose user nobody has named, as this process would start them; NULL: nothing. */
const char *hf_account_words(const hf_proxy_config *config);

/* ---- in a new worker ---- */

/* Before exec, and safe after fork: all capabilities go, then the user changes. Root gives up only the group there: the program may be
   one that root alone can run. False: errno; the process must end. */
bool hf_account_become(const hf_account *account);
/* The user that is left for after exec; -1: none. */
long hf_account_later(const hf_account *account);
/* After exec: becomes it. False: the process must end. */
bool hf_account_become_later(long user);
/* After exec: no privileges from any file, no core, nobody may look into its memory, and it ends with its parent. False: it has no
   parent any more. */
bool hf_process_seal(pid_t parent);
/* The parent's memory holds keys as well. And its rights are its own: a command that it runs gets none. */
void hf_process_hide(void);

#endif
