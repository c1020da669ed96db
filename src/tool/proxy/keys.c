/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The table of keys, and the search in it. Nothing else: what makes the reference page links this file. */
#include "tool/proxy/keys.h"

#include <assert.h>
#include <string.h>

#include "tool/suggest.h"

enum { NO_COUNT = 0, LIST = 1, NO_LIST = 0 };

#define ROOM(type, field) offsetof(type, field), sizeof(((type *)0)->field)

/* What people call them; the table below has their articles. */
#define WORDS_NONE     "keys"
#define WORDS_LISTEN   "address to listen on"
#define WORDS_ADDRESS  "address of a backend"
#define WORDS_NETWORK  "IP address or network"
#define WORDS_NAME     "name for a site"
#define WORDS_HOST     "host name"
#define WORDS_PATH     "path"
#define WORDS_SOCKET   "path of a socket"
#define WORDS_URL_PATH "path of a URL"
#define WORDS_PROTOCOL "protocol name"
#define WORDS_POLICY   "policy for the proxy"
#define WORDS_USER     "user name"
#define WORDS_COMMAND  "command"
#define WORDS_BOOL     "true or false"
#define WORDS_CHOICE   "word"
#define WORDS_COUNT    "whole number"
#define WORDS_PERCENT  "percentage"
#define WORDS_DURATION "duration"
#define WORDS_SECONDS  "duration"
#define WORDS_SIZE     "size"

static const char *const with_article[] = {
    [HF_KIND_NONE] = WORDS_NONE,
    [HF_KIND_LISTEN] = "an " WORDS_LISTEN,
    [HF_KIND_ADDRESS] = "an " WORDS_ADDRESS,
    [HF_KIND_NETWORK] = "an " WORDS_NETWORK,
    [HF_KIND_NAME] = "a " WORDS_NAME,
    [HF_KIND_HOST] = "a " WORDS_HOST,
    [HF_KIND_PATH] = "a " WORDS_PATH,
    [HF_KIND_SOCKET] = "a " WORDS_SOCKET,
    [HF_KIND_URL_PATH] = "a " WORDS_URL_PATH,
    [HF_KIND_PROTOCOL] = "a " WORDS_PROTOCOL,
    [HF_KIND_POLICY] = "a " WORDS_POLICY,
    [HF_KIND_USER] = "a " WORDS_USER,
    [HF_KIND_COMMAND] = "a " WORDS_COMMAND,
    [HF_KIND_BOOL] = WORDS_BOOL,
    [HF_KIND_CHOICE] = "possible here",
    [HF_KIND_COUNT] = "a " WORDS_COUNT,
    [HF_KIND_PERCENT] = "a " WORDS_PERCENT,
    [HF_KIND_DURATION] = "a " WORDS_DURATION,
    [HF_KIND_SECONDS] = "a " WORDS_SECONDS,
    [HF_KIND_SIZE] = "a " WORDS_SIZE,
};

static const hf_key keys[] = {
#define HF_KEY(path, kind, type, field, values, standard, help, sample)                            \
    { { path, WORDS_##kind, NO_LIST, values, standard, help, sample },                             \
      HF_KIND_##kind,                                                                              \
      HF_SHAPE_ONE,                                                                                \
      ROOM(type, field),                                                                           \
      NO_COUNT,                                                                                    \
      0,                                                                                           \
      0 },
#define HF_LIST(path, kind, type, field, count, values, standard, help, sample)                    \
    { { path, WORDS_##kind, LIST, values, standard, help, sample },                                \
      HF_KIND_##kind,                                                                              \
      HF_SHAPE_LIST,                                                                               \
      ROOM(type, field),                                                                           \
      count,                                                                                       \
      0,                                                                                           \
      0 },
#define HF_MAP(path, type, field, standard, help, sample)                                          \
    { { path, WORDS_NONE, NO_LIST, "", standard, help, sample },                                   \
      HF_KIND_NONE,                                                                                \
      HF_SHAPE_MAP,                                                                                \
      ROOM(type, field),                                                                           \
      NO_COUNT,                                                                                    \
      0,                                                                                           \
      0 },
#define HF_MAPS(path, shape, type, field, count, element, values, standard, help, sample)          \
    { { path, WORDS_NONE, LIST, values, standard, help, sample },                                  \
      HF_KIND_NONE,                                                                                \
      HF_SHAPE_##shape,                                                                            \
      ROOM(type, field),                                                                           \
      offsetof(type, count),                                                                       \
      sizeof(element),                                                                             \
      offsetof(element, at) },
#define HF_ALIEN(word, ours)
#include "tool/proxy/keys.def"
#undef HF_KEY
#undef HF_LIST
#undef HF_MAP
#undef HF_MAPS
#undef HF_ALIEN
};
static_assert(sizeof keys / sizeof keys[0] <= HF_KEYS_MAX, "the reader marks what it saw");

static const struct {
    const char *word, *ours;
} aliens[] = {
#define HF_KEY(path, kind, type, field, values, standard, help, sample)
#define HF_LIST(path, kind, type, field, count, values, standard, help, sample)
#define HF_MAP(path, type, field, standard, help, sample)
#define HF_MAPS(path, shape, type, field, count, element, values, standard, help, sample)
#define HF_ALIEN(word, ours) { word, ours },
#include "tool/proxy/keys.def"
#undef HF_KEY
#undef HF_LIST
#undef HF_MAP
#undef HF_MAPS
#undef HF_ALIEN
};

const hf_key *hf_key_at(size_t i)
{
    return i < sizeof keys / sizeof keys[0] ? &keys[i] : NULL;
}

const hf_key_row *hf_proxy_key_row(size_t i)
{
    const hf_key *key = hf_key_at(i);

    return key ? &key->row : NULL;
}

const char *hf_kind_with_article(hf_key_kind kind)
{
    return with_article[kind];
}

/* ---- where keys stand ---- */

const char *hf_key_name(const hf_key *key)
{
    const char *dot = strrchr(key->row.path, '.');

    return dot ? dot + 1 : key->row.path;
}

bool hf_key_is_below(const hf_key *key, const char *above)
{
    const char *name = hf_key_name(key);
    size_t len = strlen(above);

    if (len == 0)
        return name == key->row.path;
    return name == key->row.path + len + 1 && memcmp(key->row.path, above, len) == 0;
}

const hf_key *hf_key_find(const char *above, const char *name, size_t *i)
{
    const hf_key *key;

    for (*i = 0; (key = hf_key_at(*i)); ++*i)
        if (hf_key_is_below(key, above) && strcmp(hf_key_name(key), name) == 0)
            return key;
    return NULL;
}

const hf_key *hf_key_elsewhere(const char *name)
{
    const hf_key *key;

    for (size_t i = 0; (key = hf_key_at(i)); i++)
        if (strcmp(hf_key_name(key), name) == 0)
            return key;
    return NULL;
}

const hf_key *hf_key_nearest(const char *above, const char *name)
{
    hf_nearest nearest = { .word = name };
    const hf_key *key;
    size_t at;

    for (size_t i = 0; (key = hf_key_at(i)); i++)
        if (hf_key_is_below(key, above))
            hf_nearest_try(&nearest, hf_key_name(key));
    if (nearest.best)
        return hf_key_find(above, nearest.best, &at);
    for (size_t i = 0; i < sizeof aliens / sizeof aliens[0]; i++)
        if (strcmp(aliens[i].word, name) == 0 && (key = hf_key_find(above, aliens[i].ours, &at)))
            return key;
    return NULL;
}
