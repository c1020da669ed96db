/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * A main for a fuzz target without a fuzzer: runs it over the files and folders given (none: the
 * target's corpus), so that whatever was found once stays an ordinary test. A target's own mutator is
 * tried on each, and what it makes is run too. scripts/check reads the marks; the last file named
 * before a crash is the one.
 */
#include <dirent.h>
#include <sys/stat.h>
#include <time.h>

#include "fuzz/fuzz.h"
#include "fuzz/mutate.h"

enum { PATH_ROOM = 4096, INPUT_MAX = 1 << 20 };

enum { RATE_RUNS = 400 }; /* of each input, for --rate */
enum { MUTATIONS = 3, MUTATED_MAX = 4096 };

/* Where a target has none, this is NULL. */
#pragma weak LLVMFuzzerCustomMutator

static unsigned n_files, runs_each = 1, n_runs;

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max)
{
    (void)data;
    return size < max ? size : max;
}

/* One mutation upon another; what is beyond the room given stays as it is. */
static void replay_mutated(hf_span bytes)
{
    uint8_t *data = malloc(MUTATED_MAX);
    size_t len = bytes.len;

    CHECK(data);
    if (LLVMFuzzerCustomMutator && len <= MUTATED_MAX) {
        memcpy(data, bytes.data, len);
        for (unsigned seed = 1; seed <= MUTATIONS; seed++) {
            len = LLVMFuzzerCustomMutator(data, len, MUTATED_MAX, seed);
            CHECK(len <= MUTATED_MAX);
            uint8_t *copy = tight_copy(hf_span_of(data, len));
            LLVMFuzzerTestOneInput(copy, len);
            free(copy);
        }
    }
    free(data);
}

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
    if (runs_each == 1)
        replay_mutated(hf_span_of(copy, len));
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
