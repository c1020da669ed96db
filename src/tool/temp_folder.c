/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Making and removing a temporary folder. */
#include "tool/temp_folder.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tool/exit.h"
#include "tool/say.h"

int hf_temp_make(char path[HF_TEMP_PATH_MAX])
{
    const char *base = getenv("TMPDIR");
    int n =
        snprintf(path, HF_TEMP_PATH_MAX, "%s/handfast-demo.XXXXXX", base && *base ? base : "/tmp");

    if (n > 0 && n < HF_TEMP_PATH_MAX && mkdtemp(path))
        return HF_EXIT_OK;
    hf_error_what("cannot make a temporary folder");
    hf_error_why("%s: %s", base && *base ? base : "/tmp",
                 n < HF_TEMP_PATH_MAX ? strerror(errno) : "the name is too long");
    hf_error_next("set TMPDIR to a folder that can be written");
    path[0] = '\0';
    return HF_EXIT_IO;
}

bool hf_temp_remove(const char *path)
{
    DIR *folder = opendir(path);
    char file[HF_TEMP_PATH_MAX + 256];

    if (!folder)
        return false;
    for (struct dirent *entry = readdir(folder); entry; entry = readdir(folder)) {
        int n = snprintf(file, sizeof file, "%s/%s", path, entry->d_name);
        if (n > 0 && (size_t)n < sizeof file && strcmp(entry->d_name, ".") != 0 &&
            strcmp(entry->d_name, "..") != 0)
            unlink(file);
    }
    closedir(folder);
    return rmdir(path) == 0;
}
