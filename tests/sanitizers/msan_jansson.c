/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The boundary to jansson in a build with MemorySanitizer (msan_wrap.h). What it gives is on the heap. */
#include <string.h>

#include <jansson.h>

#include "msan_wrap.h"

/* clang-format off */
WRAP(json_t *, json_load_file, (const char *path, size_t flags, json_error_t *error), (path, flags, error),
     in(path, strlen(path) + 1), if (error) OUT(error))
WRAP(json_t *, json_loads, (const char *text, size_t flags, json_error_t *error), (text, flags, error),
     in(text, strlen(text) + 1), if (error) OUT(error))
WRAP(json_t *, json_loadb, (const char *bytes, size_t len, size_t flags, json_error_t *error), (bytes, len, flags, error),
     in(bytes, len), if (error) OUT(error))
WRAP(char *, json_dumps, (const json_t *json, size_t flags), (json, flags), NONE, if (result) out(result, strlen(result) + 1))
WRAP(int, json_dumpf, (const json_t *json, FILE *to, size_t flags), (json, to, flags), NONE, NONE)
/* clang-format on */
