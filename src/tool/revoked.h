/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * What a private CA has revoked: revoked.txt in its folder. One line a certificate (serial number, when,
 * why), after the number of the CRL that was made last. A line that is not understood is refused:
 * nothing that was revoked is ever forgotten in silence.
 */
#ifndef HF_TOOL_REVOKED_H
#define HF_TOOL_REVOKED_H

#include "x509/revocation.h"

enum { HF_SERIAL_MAX = 20, HF_SERIAL_TEXT = 2 * HF_SERIAL_MAX + 1 };

/* INTEGER content as in hf_cert.serial. */
typedef struct hf_serial {
    uint8_t octets[HF_SERIAL_MAX];
    size_t len;
} hf_serial;

typedef struct hf_revoked {
    uint64_t number; /* of the CRL that was made last, 0: none yet */
    struct hf_revoked_row {
        hf_serial serial;
        int64_t date;
        int reason; /* HF_REASON_NONE or a CRLReason */
    } * rows;
    size_t n, room;
} hf_revoked;

/* A file that is not there is an empty list. All return an exit code after they said what failed. */
int hf_revoked_load(const char *path, hf_revoked *list);
int hf_revoked_save(const char *path, const hf_revoked *list);
void hf_revoked_free(hf_revoked *list);

/* False: it is there already. *status: no memory, or too many. */
bool hf_revoked_add(hf_revoked *list, const hf_serial *serial, int64_t date, int reason,
                    int *status);

/* "4a:00:ff", "0x4A00FF", "4a00ff"; with a zero octet in front where the number would be negative. */
bool hf_serial_read(const char *text, hf_serial *serial);
void hf_serial_text(const hf_serial *serial, char out[HF_SERIAL_TEXT]);
/* By the names of RFC 5280 5.3.1. False: none of them; unspecified is HF_REASON_NONE. */
bool hf_reason_read(const char *text, int *reason);

#endif
