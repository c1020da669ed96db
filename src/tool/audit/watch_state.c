/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* States as files. One that is lost or damaged means that its target is watched as if it were new, and nothing worse. */
#include "tool/audit/watch_state.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include <handfast/os.h>
#include "audit/report_json.h"
#include "crypto/hash.h"
#include "tool/exit.h"
#include "tool/say.h"
#include "tool/trace_folder.h"

#define SCHEMA "handfast.watch/1"

enum { NAME_PART = 80, TAG = 8 };

/* ---- the folder ---- */

static bool default_folder(char path[HF_WATCH_PATH_MAX])
{
    const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
    int n = -1;

    if (state && *state == '/') /* the specification has relative ones ignored */
        n = snprintf(path, HF_WATCH_PATH_MAX, "%s/handfast/watch", state);
    else if (geteuid() == 0)
        n = snprintf(path, HF_WATCH_PATH_MAX, "/var/lib/handfast/watch");
    else if (home && *home == '/')
        n = snprintf(path, HF_WATCH_PATH_MAX, "%s/.local/state/handfast/watch", home);
    return n > 0 && n < HF_WATCH_PATH_MAX;
}

static int no_folder(const char *where, const char *why)
{
    hf_error_what("nothing can be remembered from round to round");
    hf_error_why("%s: %s", where, why);
    hf_error_next("give a folder that can be written: --state FOLDER");
    return HF_EXIT_IO;
}

static int is_taken(const char *where)
{
    hf_error_what("another watch uses this folder");
    hf_error_why("%s is locked", where);
    hf_error_next("let it end, or give another folder: --state FOLDER");
    return HF_EXIT_IO;
}

/* The lock also shows that the folder can be written, before anybody is asked anything. */
static int lock(hf_watch_folder *folder)
{
    char path[HF_WATCH_PATH_MAX];

    if (snprintf(path, sizeof path, "%s/lock", folder->path) >= HF_WATCH_PATH_MAX)
        return no_folder(folder->path, "its path is too long");
    folder->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (folder->lock < 0)
        return no_folder(folder->path, strerror(errno));
    if (flock(folder->lock, LOCK_EX | LOCK_NB) == 0)
        return HF_EXIT_OK;
    int error = errno;
    hf_watch_folder_close(folder);
    return error == EWOULDBLOCK ? is_taken(folder->path) : no_folder(folder->path, strerror(error));
}

/* A command may go elsewhere before it looks at a report. */
static void make_absolute(char path[HF_WATCH_PATH_MAX])
{
    char *whole = realpath(path, NULL);

    if (whole && strlen(whole) < HF_WATCH_PATH_MAX)
        memcpy(path, whole, strlen(whole) + 1);
    free(whole);
}

int hf_watch_folder_open(hf_watch_folder *folder, const char *given)
{
    folder->lock = -1;
    if (given && snprintf(folder->path, sizeof folder->path, "%s", given) >= HF_WATCH_PATH_MAX)
        return no_folder("--state", "its path is too long");
    if (!given && !default_folder(folder->path))
        return no_folder("--state", "neither XDG_STATE_HOME nor HOME holds an absolute path");
    if (!hf_trace_folder_make(folder->path))
        return no_folder(folder->path, strerror(errno));
    make_absolute(folder->path);
    return lock(folder);
}

void hf_watch_folder_close(hf_watch_folder *folder)
{
    if (folder->lock >= 0)
        close(folder->lock);
    folder->lock = -1;
}

/* ---- names ---- */

/* What people can read, and a tag that tells alike ones apart. */
void hf_watch_state_path(const hf_watch_folder *folder, const char *what, const char *key,
                         char path[HF_WATCH_PATH_MAX])
{
    uint8_t digest[HF_HASH_MAX] = { 0 };
    char name[NAME_PART + 1], tag[2 * TAG + 1];
    size_t n = 0;

    for (; *what && n < NAME_PART; what++) {
        bool plain = strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-",
                            *what) != NULL;
        name[n] = plain && !(n == 0 && *what == '.') ? *what : '_';
        n++;
    }
    name[n] = '\0';
    if (hf_hash_once(HF_SHA256, hf_span_str(key), digest) != HF_OK)
        memset(digest, 0, sizeof digest);
    for (size_t i = 0; i < TAG; i++)
        snprintf(tag + 2 * i, 3, "%02x", digest[i]);
    snprintf(path, HF_WATCH_PATH_MAX, "%.*s/%s-%s.json", HF_WATCH_PATH_MAX - 128, folder->path,
             name, tag);
}

/* ---- files ---- */

static json_t *fresh(const char *what)
{
    return json_pack("{s:s, s:o, s:n, s:i, s:b, s:n, s:{}, s:[]}", "schema", SCHEMA, "what",
                     hf_aj_text(what), "report", "unreachable", 0, "told", 0, "error", "reminded",
                     "pending");
}

static bool is_state(const json_t *state)
{
    const char *schema = json_string_value(json_object_get(state, "schema"));
    const json_t *report = json_object_get(state, "report");
    char why[HF_WHY_ROOM];

    return schema && strcmp(schema, SCHEMA) == 0 &&
           json_is_object(json_object_get(state, "reminded")) &&
           json_is_integer(json_object_get(state, "unreachable")) &&
           (json_is_null(report) || (hf_audit_is_report(report, why) &&
                                     json_array_size(json_object_get(report, "targets")) == 1));
}

static void put_aside(const char *path, const char *what, const char *why)
{
    char aside[HF_WATCH_PATH_MAX + 16];

    snprintf(aside, sizeof aside, "%s.damaged", path);
    if (rename(path, aside) == 0)
        hf_warn("what is remembered of %s is damaged (%s) and was put aside: %s; it is watched as "
                "if it were new",
                what, why, aside);
    else
        hf_warn("what is remembered of %s is damaged (%s): %s; it is watched as if it were new",
                what, why, path);
}

static json_t *parse(const char *path, const char *what, const uint8_t *bytes, size_t len)
{
    json_error_t error;
    json_t *state = json_loadb((const char *)bytes, len, JSON_REJECT_DUPLICATES, &error);

    if (state && is_state(state))
        return state;
    put_aside(path, what, state ? "it is no such state" : error.text);
    json_decref(state);
    return fresh(what);
}

/* Too many open files, no memory, a disk's trouble: it may be read in the next round, and must not be lost. */
static json_t *not_read(const char *path, const char *what, int error)
{
    bool damaged = error == EFBIG || error == EISDIR || error == ELOOP;

    if (!damaged && error != ENOENT) {
        hf_warn("what is remembered of %s cannot be read (%s): %s; it is left as it is", what,
                strerror(error), path);
        return NULL;
    }
    if (damaged)
        put_aside(path, what, strerror(error));
    return fresh(what);
}

json_t *hf_watch_state_read(const char *path, const char *what)
{
    uint8_t *bytes;
    size_t len;

    if (hf_os_read_file(path, HF_WATCH_STATE_MAX, &bytes, &len) != HF_OK)
        return not_read(path, what, errno);
    json_t *state = parse(path, what, bytes, len);
    hf_os_free(bytes, len);
    return state;
}

bool hf_watch_state_write(const char *path, const json_t *state)
{
    char *text = json_dumps(state, JSON_COMPACT);
    hf_error e;

    if (!text) {
        errno = ENOMEM;
        return false;
    }
    e = hf_os_write_file(path, hf_span_str(text), 0600, true);
    free(text);
    return e == HF_OK;
}
