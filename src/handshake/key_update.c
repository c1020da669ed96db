/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* KeyUpdate (RFC 9846 4.7.3): from the next record on the writer uses its next generation of keys. */
#include "handshake/hello.h"

enum { NOT_REQUESTED = 0, REQUESTED = 1, UPDATE_ROOM = 8 };

static hf_error build(hf_engine *e)
{
    hf_key_update update = { e->request_update ? REQUESTED : NOT_REQUESTED };
    hf_wire w = hf_engine_wire(e, e->role);
    hf_builder b;

    TRY(hf_message_start(e, UPDATE_ROOM, &b));
    hf_key_update_write(&b, &w, &update);
    TRY(hf_message_send(e, &b, NULL));
    e->update_awaited |= e->request_update;
    e->request_update = false;
    e->update_owed = false; /* several requests get one answer (RFC 9846 4.7.3#5) */
    return HF_OK;
}

static hf_error accept(hf_engine *e)
{
    hf_key_update update = { 0 };
    hf_fault fault = { 0 };
    hf_wire w = hf_engine_wire(e, (hf_role)!e->role);
    hf_reader r = hf_message_reader(e, &fault);

    hf_key_update_read(&r, &w, &update);
    TRY(hf_read_done(e, &fault));
    if (update.request_update > REQUESTED) /* RFC 9846 4.7.3#4 */
        return hf_refuse_code(e, HF_E_KEY_UPDATE_VALUE, "request_update", update.request_update,
                              NULL);
    e->update_awaited = false;
    if (update.request_update == REQUESTED && e->generations[e->role] < HF_GENERATIONS_MAX)
        e->update_owed = true; /* answered before our next data (RFC 9846 4.7.3#5 #11) */
    return HF_OK;
}

const hf_step hf_step_key_update = { build, accept };
