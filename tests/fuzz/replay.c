/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * A main for a fuzz target without a fuzzer: runs it over the files and folders given (none: the
 * target's corpus), so that whatever was found once stays an ordinary test. scripts/check reads the
 * marks; the last file named before a crash is the one.
 */
#include <dirent.h>
#include <sys/stat.h>
#include <time.h>

#include "fuzz/fuzz.h"

enum { PATH_ROOM = 4096, INPUT_MAX = 1 << 20 };

enum { RATE_RUNS = 400 }; /* of each input, for --rate */

static unsigned n_files, runs_each = 1, n_runs;

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
    for (unsigned i = 0; i < runs_each; i++, n_runs++)
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

/* --rate: each input many times over, and how many a second that is. */
int main(int argc, char **argv)
{
    bool rate = argc > 1 && strcmp(argv[1], "--rate") == 0;
    clock_t start = clock();

    printf("[ RUN      ] corpus\n");
    runs_each = rate ? RATE_RUNS : 1;
    for (int i = 1 + rate; i < argc; i++)
        replay(argv[i]);
    if (argc < 2 + rate)
        replay(HF_FUZZ_CORPUS);
    CHECK(n_files > 0);
    if (rate)
        printf("%.0f runs a second\n", n_runs * (double)CLOCKS_PER_SEC / (double)(clock() - start));
    printf("%u inputs\n[       OK ] corpus\n", n_files);
    return 0;
}
