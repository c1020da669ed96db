/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Key logs (RFC 9850) are opened before the first connection, so that a wrong path is known at once. */
#include "tool/keylog.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <handfast/os.h>
#include "tool/exit.h"
#include "tool/link.h"
#include "tool/say.h"
#include "tool/suffix.h"

int hf_keylog_hooks(hf_config *config, const char *path, void **keylog)
{
    hf_hooks hooks;

    memset(&hooks, 0, sizeof hooks);
    hooks.clock_ms = hf_link_clock_ms;
    hooks.public_suffix = hf_suffix_hook(false);
    *keylog = NULL;
    if (!path)
        path = getenv("SSLKEYLOGFILE");
    if (path && *path) {
        hooks.user = *keylog = hf_os_keylog_open(path);
        if (!*keylog) {
            hf_error_what("cannot write the key log");
            hf_error_why("%s: %s", path, strerror(errno));
            hf_error_next("give a file that can be written: --keylog FILE");
            return HF_EXIT_IO;
        }
        hooks.keylog = hf_os_keylog;
        hf_warn("the secrets of this run are appended to %s: whoever reads it can read the traffic",
                path);
    }
    hf_error e = hf_config_set_hooks(config, &hooks);
    return e == HF_OK ? HF_EXIT_OK : hf_error_row(e, "cannot set up the connection", "hooks");
}

void hf_keylog_end(void *keylog)
{
    if (keylog)
        hf_os_keylog_close(keylog);
}
