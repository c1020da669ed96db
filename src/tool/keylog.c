/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Key logs (RFC 9850) are opened before the first connection, so that a wrong path is known at once. */
#include "tool/keylog.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <handfast/os.h>
#include "base/bytes.h"
#include "tool/exit.h"
#include "tool/link.h"
#include "tool/say.h"
#include "tool/suffix.h"

/* All hooks of a config get the same pointer: both that need one find theirs here. */
typedef struct hook_user {
    void *log;            /* NULL: none */
    hf_shared_keys *psks; /* NULL: none */
    hf_tape *const *tape; /* NULL: none */
} hook_user;

static void write_line(void *user, const char *line)
{
    const hook_user *u = user;

    if (u->log)
        hf_os_keylog(u->log, line);
    if (u->tape && *u->tape)
        hf_tape_keylog(*u->tape, line);
}

static bool find_psk(void *user, hf_span identity, uint8_t *key, size_t *len)
{
    return hf_shared_keys_find(((const hook_user *)user)->psks, identity, key, len);
}

static int open_log(hook_user *user, const char *path)
{
    user->log = hf_os_keylog_open(path);
    if (!user->log) {
        hf_error_what("cannot write the key log");
        hf_error_why("%s: %s", path, strerror(errno));
        hf_error_next("give a file that can be written: --keylog FILE");
        return HF_EXIT_IO;
    }
    hf_warn("the secrets of this run are appended to %s: whoever reads it can read the traffic",
            path);
    return HF_EXIT_OK;
}

/* NULL if nothing needs it. */
static int make_user(void **keylog, const char *path, hf_shared_keys *psks, hf_tape *const *tape)
{
    *keylog = NULL;
    if (!path && !psks && !tape)
        return HF_EXIT_OK;
    hook_user *user = *keylog = hf_alloc(sizeof *user);
    if (!user)
        return hf_complain_row(HF_E_NO_MEMORY, "cannot set up the connection", "hooks");
    user->psks = psks;
    user->tape = tape;
    return path ? open_log(user, path) : HF_EXIT_OK;
}

int hf_keylog_hooks(hf_config *config, const char *path, hf_shared_keys *psks, hf_tape *const *tape,
                    void **keylog)
{
    int status;

    if (!path)
        path = getenv("SSLKEYLOGFILE");
    status = make_user(keylog, path && *path ? path : NULL, psks, tape);
    if (status != HF_EXIT_OK)
        return status;
    const hook_user *user = *keylog;
    const hf_hooks hooks = { .clock_ms = hf_link_clock_ms,
                             .public_suffix = hf_suffix_hook(false),
                             .keylog = user && (user->log || tape) ? write_line : NULL,
                             .find_psk = psks ? find_psk : NULL,
                             .user = *keylog };
    hf_error e = hf_config_set_hooks(config, &hooks);
    return e == HF_OK ? HF_EXIT_OK : hf_complain_row(e, "cannot set up the connection", "hooks");
}

void hf_keylog_end(void *keylog)
{
    hook_user *user = keylog;

    if (user && user->log)
        hf_os_keylog_close(user->log);
    hf_free(user);
}
