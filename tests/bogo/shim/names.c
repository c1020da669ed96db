/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Our errors under BoringSSL's names, which the tests' expectations are written in. */
#include "settings.h"

#include <fnmatch.h>
#include <stdio.h>
#include <string.h>

typedef struct name {
    hf_error code;
    const char *where; /* a pattern for describe's text */
    const char *text;
} name;

static const name names[] = {
#define NAME(code, text)           { HF_E_##code, "*", text },
#define NAME_AT(code, where, text) { HF_E_##code, where, text },
#include "names.def"
#undef NAME
#undef NAME_AT
};

/* "TLSV1_ALERT_…" and "SSLV3_ALERT_…": who had the alert first. */
static const char *name_of_alert(const hf_failure *failure)
{
    switch (failure->alert) {
    case HF_ALERT_handshake_failure:
        return strcmp(failure->step, "ServerHello") == 0 ? "HANDSHAKE_FAILURE_ON_CLIENT_HELLO"
                                                         : "SSLV3_ALERT_HANDSHAKE_FAILURE";
    case 30: return "SSLV3_ALERT_DECOMPRESSION_FAILURE";
    case HF_ALERT_record_overflow: return "TLSV1_ALERT_RECORD_OVERFLOW";
    default: return "ALERT";
    }
}

/* "client 0304 retried ServerHello: ServerHello.extensions|key_share|": who noticed, the version as far as it is known, whether
   there was a HelloRetryRequest, where the handshake stood, the field, what was expected and what came. */
static void describe(const visit *v, const hf_failure *f, char *text, size_t room)
{
    const hf_conn_info *info = hf_conn_info_of(v->conn);

    snprintf(text, room, "%s %04x %s%s: %s|%s|%s", f->side == HF_CLIENT ? "client" : "server",
             seen_of(v)->hello13 ? HF_TLS13 : info->version, info->retried ? "retried " : "",
             f->step, f->field, f->expected, f->offered);
}

const char *name_of(const visit *v, const hf_failure *failure)
{
    char text[1024];

    if (failure->code == HF_E_ALERT_RECEIVED)
        return name_of_alert(failure);
    describe(v, failure, text, sizeof text);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (names[i].code == failure->code && fnmatch(names[i].where, text, 0) == 0)
            return names[i].text;
    return "UNKNOWN";
}
