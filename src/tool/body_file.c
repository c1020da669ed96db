/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Writing --output whole or not at all. */
#include "tool/body_file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int hf_body_open(hf_body_file *file, const char *path)
{
    int n = snprintf(file->temporary, sizeof file->temporary, "%s.XXXXXX", path);

    file->stream = NULL;
    file->path = path;
    if (n < 0 || (size_t)n >= sizeof file->temporary)
        return ENAMETOOLONG;
    int fd = mkstemp(file->temporary);
    if (fd < 0)
        return errno;
    mode_t mask =
        umask(0); /* mkstemp gives 0600; a download gets what other programs would give it */
    umask(mask);
    fchmod(fd, 0666 & ~mask);
    file->stream = fdopen(fd, "wb");
    if (file->stream)
        return 0;
    int error = errno;
    close(fd);
    unlink(file->temporary);
    return error;
}

void hf_body_abandon(hf_body_file *file)
{
    if (!file->stream)
        return;
    fclose(file->stream);
    file->stream = NULL;
    unlink(file->temporary);
}

int hf_body_write(hf_body_file *file, hf_span bytes)
{
    if (fwrite(bytes.data, 1, bytes.len, file->stream) == bytes.len)
        return 0;
    int error = errno;
    hf_body_abandon(file);
    return error;
}

int hf_body_commit(hf_body_file *file)
{
    int error = 0;

    if (fflush(file->stream) != 0 || fsync(fileno(file->stream)) != 0)
        error = errno == EINVAL || errno == EROFS ? 0 : errno; /* not everything can be synced */
    if (error) {
        hf_body_abandon(file);
        return error;
    }
    error = fclose(file->stream) != 0 ? errno : 0;
    file->stream = NULL;
    if (!error && rename(file->temporary, file->path) != 0)
        error = errno;
    if (error)
        unlink(file->temporary);
    return error;
}
