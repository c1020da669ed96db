/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "tool/out_file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <handfast/os.h>
#include "tool/exit.h"
#include "tool/say.h"

bool hf_out_file_is_stdout(const char *file)
{
    return file && strcmp(file, "-") == 0;
}

static int cannot_write(const char *option, const char *file)
{
    int why = errno;

    hf_error_what("cannot write what %s asks for", option);
    hf_error_why("%s: %s", file, strerror(why));
    hf_error_next("give a file in a folder that can be written: %s FILE", option);
    return HF_EXIT_IO;
}

/* errno says why not. */
static bool is_writable_folder(const char *folder)
{
    struct stat s;

    if (stat(folder, &s) != 0)
        return false;
    errno = ENOTDIR;
    return S_ISDIR(s.st_mode) && access(folder, W_OK | X_OK) == 0;
}

/* Without memory the answer is yes: writing will find out. */
static bool has_writable_folder(const char *file)
{
    const char *slash = strrchr(file, '/');
    char *folder = strdup(slash ? file : ".");

    if (!folder)
        return true;
    if (slash)
        folder[slash == file ? 1 : slash - file] = '\0';
    bool good = is_writable_folder(folder);
    int why = errno;
    free(folder);
    errno = why;
    return good;
}

int hf_out_file_check(const char *option, const char *file)
{
    struct stat s;

    if (!file || hf_out_file_is_stdout(file))
        return HF_EXIT_OK;
    if (lstat(file, &s) != 0 || S_ISREG(s.st_mode))
        return has_writable_folder(file) ? HF_EXIT_OK : cannot_write(option, file);
    if (stat(file, &s) != 0)
        return HF_EXIT_OK; /* a link to nothing is replaced */
    errno = EISDIR;
    return S_ISDIR(s.st_mode) ? cannot_write(option, file) : HF_EXIT_OK;
}

int hf_out_file_write(const char *option, const char *file, hf_span bytes, unsigned mode)
{
    if (hf_out_file_is_stdout(file)) {
        hf_out_bytes(bytes);
        return HF_EXIT_OK;
    }
    if (hf_os_write_file(file, bytes, mode, true) != HF_OK)
        return cannot_write(option, file);
    return HF_EXIT_OK;
}
