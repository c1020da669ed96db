/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* By site and backend: what a worker says is looked at before it is believed. */
#include "tool/proxy/backend_errors.h"

#include <stdio.h>

static bool key_of(char *key, size_t room, const char *site, const char *backend)
{
    int n = site && backend ? snprintf(key, room, "%s %s", site, backend) : -1;

    return n > 0 && (size_t)n < room;
}

static const char *text_at(const json_t *object, const char *name)
{
    return json_string_value(json_object_get(object, name));
}

bool hf_backend_errors_add(json_t *errors, hf_span json)
{
    char key[HF_BACKEND_ERROR_BYTES];
    json_t *one = json.len <= sizeof key
                      ? json_loadb((const char *)json.data, json.len, JSON_REJECT_DUPLICATES, NULL)
                      : NULL;
    const char *why = text_at(one, "why");
    bool good = key_of(key, sizeof key, text_at(one, "site"), text_at(one, "backend")) && why &&
                json_is_integer(json_object_get(one, "ts"));

    if (good && json_object_size(errors) >= HF_BACKEND_ERRORS_MAX && !json_object_get(errors, key))
        json_object_clear(errors); /* of configurations that are long gone, most likely */
    if (good)
        json_object_set_new(errors, key,
                            json_pack("{s:O s:s}", "at", json_object_get(one, "ts"), "why", why));
    json_decref(one);
    return good;
}

const json_t *hf_backend_errors_of(const json_t *errors, const char *site, const char *backend)
{
    char key[HF_BACKEND_ERROR_BYTES];

    return key_of(key, sizeof key, site, backend) ? json_object_get(errors, key) : NULL;
}
