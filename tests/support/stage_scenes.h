/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Handshakes that are worth showing: the shapes of both versions, and the ways in which one fails. */
#ifndef TESTS_SUPPORT_STAGE_SCENES_H
#define TESTS_SUPPORT_STAGE_SCENES_H

#include "support/stage.h"

typedef struct scene {
    const char *name;       /* of its golden file, "tls13-full" */
    uint8_t side;           /* hf_role: whose tape is shown */
    void (*play)(stage *s); /* from stage_prepare on, up to stage_finish */
    bool json;              /* its JSON is golden too; the text is with all fields */
    hf_error fails;         /* HF_OK: it connects */
} scene;

/* Row i of all scenes; NULL past the end. */
const scene *scene_row(size_t i);
/* Plays it. False: this libcrypto cannot (stage_can_play). */
bool scene_play(const scene *row, stage *s);

void only_group(hf_policy *policy, uint16_t group);

extern const scene scenes_good[], scenes_named[], scenes_hello[], scenes_bytes[], scenes12[];

#endif
