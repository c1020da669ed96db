/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Jobs look keys up while the loop may change them: a look-up holds a reference of the set that it began with. */
#include "tool/shared_keys.h"

#include <string.h>

#include "keys/psks.h"
#include "tool/exit.h"
#include "tool/json_text.h"
#include "tool/say.h"
#include "tool/serve_log.h"

typedef hf_shared_keys shared_keys;

bool hf_is_psk_only(const hf_serve_options *o)
{
    return o->psk_file && o->cert.n == 0;
}

int hf_shared_keys_prepare(shared_keys *k, const hf_serve_options *o)
{
    *k = (shared_keys){ .json = o->json };
    if (!o->psk_file)
        return HF_EXIT_OK;
    hf_file_watch_note(&k->watch, o->psk_file);
    int status = hf_psk_file_load(&k->now, o->psk_file, NULL);
    if (status != HF_EXIT_OK)
        return status;
    if (uv_mutex_init(&k->lock) != 0) {
        hf_psk_file_free(&k->now);
        return hf_complain_row(HF_E_NO_MEMORY, "cannot use the pre-shared keys", "--psk-file");
    }
    k->file = o->psk_file;
    return HF_EXIT_OK;
}

/* ---- looking up ---- */

static hf_psks *current(shared_keys *k)
{
    uv_mutex_lock(&k->lock);
    hf_psks *psks = hf_psks_ref(k->now.psks);
    uv_mutex_unlock(&k->lock);
    return psks;
}

/* Nobody has an empty name: to hf_psks_find it would mean the first. */
bool hf_shared_keys_find(shared_keys *k, hf_span identity, uint8_t *key, size_t *len)
{
    if (!k->file || identity.len == 0)
        return false;
    hf_psks *psks = current(k);
    const hf_psk *psk = hf_psks_find(psks, identity);
    bool found = psk && psk->key.len <= *len;

    if (found) {
        memcpy(key, psk->key.data, psk->key.len);
        *len = psk->key.len;
    }
    hf_psks_free(psks);
    return found;
}

/* ---- changing ---- */

static json_t *event_of(const shared_keys *k, const char *change)
{
    return json_pack("{s:s s:o s:s s:o}", "event", "psk_keys", "time", hf_json_now(), "change",
                     change, "file", hf_json_text(k->file));
}

static void tell_read(const shared_keys *k)
{
    char now[HF_CLOCK_ROOM];

    if (k->json) {
        json_t *object = event_of(k, "read");
        json_object_set_new(object, "keys", json_integer((json_int_t)k->now.n));
        hf_json_print(object, false);
        return;
    }
    hf_clock_text(now);
    hf_note_lines("%s  pre-shared keys: read %s again, %zu key%s; no others work any more\n", now,
                  k->file, k->now.n, k->now.n == 1 ? "" : "s");
}

static void tell_kept(const shared_keys *k)
{
    char now[HF_CLOCK_ROOM];

    if (k->json) {
        json_t *object = event_of(k, "kept");
        json_object_set_new(object, "reason", hf_json_text(hf_error_last_why()));
        hf_json_print(object, false);
        return;
    }
    hf_clock_text(now);
    hf_note_lines("%s  pre-shared keys: those from before stay in use\n", now);
}

void hf_shared_keys_again(shared_keys *k)
{
    hf_psk_file fresh, old;

    if (!k->file)
        return;
    hf_file_watch_note(&k->watch, k->file);
    if (hf_psk_file_load(&fresh, k->file, NULL) != HF_EXIT_OK) {
        tell_kept(k);
        return;
    }
    uv_mutex_lock(&k->lock);
    old = k->now;
    k->now = fresh;
    uv_mutex_unlock(&k->lock);
    hf_psk_file_free(&old);
    tell_read(k);
}

static void on_change(void *user)
{
    hf_shared_keys_again(user);
}

void hf_shared_keys_watch(shared_keys *k, uv_loop_t *loop)
{
    if (k->file)
        hf_file_watch_start(&k->watch, loop, on_change, k);
}

void hf_shared_keys_unwatch(shared_keys *k)
{
    hf_file_watch_stop(&k->watch);
}

void hf_shared_keys_free(shared_keys *k)
{
    hf_psk_file_free(&k->now);
    if (k->file)
        uv_mutex_destroy(&k->lock);
    k->file = NULL;
}
