/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * The key log of RFC 9850: one line a secret, appended. A line is one write to a descriptor opened
 * with O_APPEND, so that lines of several threads and processes never mix.
 */
#include <handfast/os.h>

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/bytes.h"

enum { LINE_ROOM = 1024 };

typedef struct keylog_file {
    int fd;
} keylog_file;

void *hf_os_keylog_open(const char *path)
{
    keylog_file *log = hf_alloc(sizeof *log);

    if (!log)
        return NULL;
    log->fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, 0600);
    if (log->fd >= 0)
        return log;
    int why = errno;
    hf_free(log);
    errno = why;
    return NULL;
}

/* A line that cannot be written is lost: the connection matters more than its log. */
void hf_os_keylog(void *keylog, const char *line)
{
    const keylog_file *log = keylog;
    char out[LINE_ROOM];
    size_t len = strlen(line);

    if (len + 1 > sizeof out)
        return;
    memcpy(out, line, len);
    out[len] = '\n';
    ssize_t n = write(log->fd, out, len + 1);
    (void)n;
    hf_wipe(out, sizeof out);
}

void hf_os_keylog_close(void *keylog)
{
    keylog_file *log = keylog;

    if (!log)
        return;
    close(log->fd);
    hf_free(log);
}
