/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * A main for a fuzz target without a fuzzer: runs it over the files and folders given (none: the
 * target's corpus), so that whatever was found once stays an ordinary test. scripts/check reads the
 * marks; the last file named before a crash is the one.
 */
#include <dirent.h>
#include <sys/stat.h>

#include "fuzz/fuzz.h"

enum { PATH_ROOM = 4096, INPUT_MAX = 1 << 20 };

static unsigned n_files;

static void replay_file(const char *path)
{
    static uint8_t bytes[INPUT_MAX];
    FILE *f = fopen(path, "rb");

    CHECK(f);
    size_t len = fread(bytes, 1, sizeof bytes, f);
    fclose(f);
    printf("%s\n", path);
    fflush(stdout);
    uint8_t *copy = tight_copy(hf_span_of(bytes, len));
    LLVMFuzzerTestOneInput(copy, len);
    free(copy);
    n_files++;
}

static void replay(const char *path)
{
    struct stat st;
    struct dirent **entries;

    CHECK(stat(path, &st) == 0);
    if (!S_ISDIR(st.st_mode)) {
        replay_file(path);
        return;
    }
    int n = scandir(path, &entries, NULL, alphasort);
    CHECK(n >= 0);
    for (int i = 0; i < n; i++) {
        char below[PATH_ROOM];
        snprintf(below, sizeof below, "%s/%s", path, entries[i]->d_name);
        if (entries[i]->d_name[0] != '.')
            replay(below);
        free(entries[i]);
    }
    free(entries);
}

int main(int argc, char **argv)
{
    printf("[ RUN      ] corpus\n");
    for (int i = 1; i < argc; i++)
        replay(argv[i]);
    if (argc < 2)
        replay(HF_FUZZ_CORPUS);
    CHECK(n_files > 0);
    printf("%u inputs\n[       OK ] corpus\n", n_files);
    return 0;
}
