/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Members of a handfast.trace/1 file, taken out with a word about what is wrong with them. The first complaint sticks; after it
 * every call returns nothing, so that it is looked at once.
 */
#ifndef HF_EXPLAIN_JSON_READ_H
#define HF_EXPLAIN_JSON_READ_H

#include "explain/json_parts.h"

typedef struct hf_jr {
    hf_tape *tape;
    hf_error error;
    char *why;      /* HF_WHY_ROOM */
    char place[48]; /* of the object whose members are read: "events[12]." */
} hf_jr;

void hf_jr_refuse(hf_jr *r, const char *name, const char *what, ...) HF_PRINTF(3, 4);
/* Now the members of that are read: "failure", or element i of a list. */
void hf_jr_enter(hf_jr *r, const char *name);
void hf_jr_enter_item(hf_jr *r, const char *name, size_t i);

/* NULL also for null and for what is not there. */
const char *hf_jr_text(hf_jr *r, const json_t *object, const char *name);
/* Copies; empty for null. What does not fit in room is refused. */
void hf_jr_copy(hf_jr *r, const json_t *object, const char *name, char *out, size_t room);
/* None of these may be absent. */
uint64_t hf_jr_uint(hf_jr *r, const json_t *object, const char *name, uint64_t max);
bool hf_jr_bool(hf_jr *r, const json_t *object, const char *name);
/* Which of the names it is. */
unsigned hf_jr_one_of(hf_jr *r, const json_t *object, const char *name, const char *const *names);
const json_t *hf_jr_list(hf_jr *r, const json_t *object, const char *name, size_t most);
/* Element i, if it is an object; NULL and a complaint at the place that was entered otherwise. */
const json_t *hf_jr_object(hf_jr *r, const json_t *value);
/* In fresh memory (hf_free_secret with its length), which is never NULL unless r->error. */
uint8_t *hf_jr_hex(hf_jr *r, const json_t *object, const char *name, size_t *len);

void hf_jr_events(hf_jr *r, const json_t *root);
void hf_jr_failure(hf_jr *r, const json_t *root);

#endif
