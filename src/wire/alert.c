/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Alert (RFC 9846 6): the content of an alert record, no handshake message. What an alert means is
 * decided elsewhere, and a level is never refused here.
 *
 *     struct {
 *         AlertLevel level;
 *         AlertDescription description;
 *     } Alert;
 */
#include "wire/wire.h"

enum { ALERT = 2 };

void hf_alert_read(hf_reader *r, hf_alert_message *alert)
{
    size_t n = hf_rd_left(r);

    *alert = (hf_alert_message){ 0 };
    if (n != ALERT) /* RFC 9846 5.1: exactly one alert a record */
        hf_rd_refuse(r, HF_E_ALERT_LENGTH, 0, NULL, "%zu byte(s), exactly %d required", n, ALERT);
    alert->level = hf_rd_u8(r, "level");
    alert->description = hf_rd_u8(r, "description");
}
