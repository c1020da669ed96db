/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Loading them. What is loaded stays until the process ends: some of these libraries cannot be unloaded. */
#include "tool/bench_load.h"

#include <dlfcn.h>
#include <errno.h>
#include <glob.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tool/bench_self.h"
#include "tool/exit.h"
#include "tool/say.h"

enum { FILE_NAME_MAX = 1024 };

void hf_bench_peers_init(hf_bench_peers *peers, bool recorded)
{
    memset(peers, 0, sizeof *peers);
    peers->asked_for[0] = true;
    peers->peer[peers->n++] = &hf_bench_self;
    if (!recorded)
        return;
    peers->asked_for[peers->n] = true;
    peers->peer[peers->n++] = &hf_bench_recorded;
}

static bool is_there(const hf_bench_peers *peers, const char *name)
{
    for (size_t i = 0; i < peers->n; i++)
        if (strcmp(peers->peer[i]->name, name) == 0)
            return true;
    return false;
}

/* ---- one file ---- */

/* A row, or NULL and why not. A name without a slash would be looked for among the system's libraries. */
static const hf_bench_peer *load(const char *file, char *why, size_t room)
{
    char path[FILE_NAME_MAX];
    hf_bench_peer_row_fn row;
    void *handle, *symbol;

    snprintf(path, sizeof path, "%s%s", strchr(file, '/') ? "" : "./", file);
    handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    symbol = handle ? dlsym(handle, "hf_bench_peer_row") : NULL;
    if (!symbol) {
        const char *said = dlerror();
        size_t skip = said && strncmp(said, path, strlen(path)) == 0 ? strlen(path) : 0;
        snprintf(why, room, "%s", said ? said + skip + (skip ? strspn(said + skip, ": ") : 0) : "");
        return NULL;
    }
    memcpy(&row, &symbol, sizeof row); /* ISO C has no cast for it */
    const hf_bench_peer *peer = row();
    if (peer && peer->abi == HF_BENCH_ABI)
        return peer;
    snprintf(why, room, "it was made for another version of the bench");
    return NULL;
}

static void add(hf_bench_peers *peers, const hf_bench_peer *peer, bool asked_for)
{
    if (is_there(peers, peer->name) || peers->n == HF_BENCH_PEERS_MAX)
        return;
    peers->asked_for[peers->n] = asked_for;
    peers->peer[peers->n++] = peer;
}

int hf_bench_peers_add(hf_bench_peers *peers, const char *file)
{
    char why[256];
    const hf_bench_peer *peer = load(file, why, sizeof why);

    if (peer) {
        add(peers, peer, true);
        return HF_EXIT_OK;
    }
    hf_error_what("cannot load an implementation to compare with");
    hf_error_why("--peer %s: %s", file, why);
    hf_error_next("give a shared object that defines hf_bench_peer_row; what is there without one: "
                  "handfast bench --list");
    return HF_EXIT_USAGE;
}

/* ---- a folder ---- */

static void miss(hf_bench_peers *peers, const char *name, size_t len, const char *why)
{
    if (peers->n_missing == HF_BENCH_PEERS_MAX)
        return;
    hf_bench_missing *missing = &peers->missing[peers->n_missing++];
    snprintf(missing->name, sizeof missing->name, "%.*s", (int)len, name);
    snprintf(missing->why, sizeof missing->why, "%s", why);
}

static void try_file(hf_bench_peers *peers, const char *file)
{
    const char *name = strrchr(file, '/') + 1;
    char why[256];
    const hf_bench_peer *peer = load(file, why, sizeof why);

    if (peer)
        add(peers, peer, false);
    else
        miss(peers, name, strlen(name) - strlen(".so"), why);
}

static int no_folder(const char *folder)
{
    hf_error_what("cannot read the folder of implementations to compare with");
    hf_error_why("%s: %s", folder, strerror(errno));
    hf_error_next("give a folder that exists: --peer-dir DIR, or HANDFAST_BENCH_PEERS");
    return HF_EXIT_USAGE;
}

/* A folder as the tool's own one sees it, so that an installation can be moved. */
static const char *beside_tool(const char *folder, char out[FILE_NAME_MAX])
{
    char self[FILE_NAME_MAX / 2];
    ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);

    self[n > 0 ? n : 0] = '\0';
    char *slash = strrchr(self, '/');
    if (slash)
        *slash = '\0';
    snprintf(out, FILE_NAME_MAX, "%s/%s", self, folder);
    return out;
}

static void add_all(hf_bench_peers *peers, const char *folder)
{
    char pattern[FILE_NAME_MAX + 8];
    glob_t found;

    snprintf(pattern, sizeof pattern, "%s/*.so", folder);
    if (glob(pattern, 0, NULL, &found) != 0)
        return;
    for (size_t i = 0; i < found.gl_pathc; i++)
        try_file(peers, found.gl_pathv[i]);
    globfree(&found);
}

int hf_bench_peers_add_folder(hf_bench_peers *peers, const char *folder)
{
    char path[FILE_NAME_MAX];
    struct stat s;

    if (folder && stat(folder, &s) != 0)
        return no_folder(folder);
    if (folder) {
        add_all(peers, folder);
        return HF_EXIT_OK;
    }
    add_all(peers, beside_tool(HF_BENCH_PEERS_DIR, path));
    add_all(peers, beside_tool("bench/peers", path)); /* a build that was not installed */
    return HF_EXIT_OK;
}

/* ---- who is not there ---- */

/* libssl goes before the others: they are compared with it. */
static void put_libssl_first(hf_bench_peers *peers)
{
    for (size_t i = 2; i < peers->n; i++)
        if (strcmp(peers->peer[i]->name, "libssl") == 0) {
            const hf_bench_peer *libssl = peers->peer[i];
            bool asked_for = peers->asked_for[i];
            memmove(&peers->peer[2], &peers->peer[1], (i - 1) * sizeof peers->peer[0]);
            memmove(&peers->asked_for[2], &peers->asked_for[1], (i - 1) * sizeof(bool));
            peers->peer[1] = libssl;
            peers->asked_for[1] = asked_for;
        }
}

static bool is_missing(const hf_bench_peers *peers, const char *file)
{
    for (size_t i = 0; i < peers->n_missing; i++)
        if (strcmp(peers->missing[i].name, file) == 0)
            return true;
    return false;
}

void hf_bench_peers_end(hf_bench_peers *peers)
{
    static const struct {
        const char *name, *file;
    } known[] = { { "libssl", "libssl" },
                  { "GnuTLS", "gnutls" },
                  { "wolfSSL", "wolfssl" },
                  { "mbedTLS", "mbedtls" },
                  { "rustls", "rustls" } };

    put_libssl_first(peers);
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (!is_there(peers, known[i].name) && !is_missing(peers, known[i].file))
            miss(peers, known[i].name, strlen(known[i].name), "its peer object is not there");
}
