/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Certificates as PEM files, good today whenever that is, for what looks at the system's clock. */
#ifndef TESTS_SUPPORT_BENCH_FILES_H
#define TESTS_SUPPORT_BENCH_FILES_H

enum { BENCH_PATH_ROOM = 512 };

typedef struct bench_files {
    char root[BENCH_PATH_ROOM], key[BENCH_PATH_ROOM], client_key[BENCH_PATH_ROOM];
    char chain[BENCH_PATH_ROOM], client_chain[BENCH_PATH_ROOM]; /* leaf, intermediate */
    char expired[BENCH_PATH_ROOM];                              /* chain with a leaf of the past */
} bench_files;

/* Two CAs' with the same names; `other` is for what must be refused. */
extern bench_files bench_ecdsa, bench_rsa, bench_other;

/* A group's set-up and its end (cmocka). */
int bench_files_make(void **state);
int bench_files_remove(void **state);

#endif
