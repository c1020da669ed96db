/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The rows of metrics.def, and in which of them a failed handshake counts: some errors have a row of their own, all others that of their alert. */
#include "tool/proxy/counters.h"

#include <string.h>

static const hf_fail_row fail_rows[] = {
#define HF_FAIL_REASON(name, reason, side, alert, help) { #name, reason, #side, #alert, help },
#define HF_METRIC(name, kind, scope, family, labels, help)
#include "tool/proxy/metrics.def"
#undef HF_FAIL_REASON
#undef HF_METRIC
};

enum { SITE = true, ALL = false };
static const hf_metric_row metric_rows[] = {
#define HF_FAIL_REASON(name, reason, side, alert, help)
#define HF_METRIC(name, kind, scope, family, labels, help)                                         \
    { #name, #kind, family, labels, help, scope },
#include "tool/proxy/metrics.def"
#undef HF_FAIL_REASON
#undef HF_METRIC
};

const hf_fail_row *hf_fail_row_of(hf_fail_reason reason)
{
    return &fail_rows[reason < HF_FAIL_COUNT ? reason : HF_FAIL_other];
}

const hf_metric_row *hf_metric_row_of(hf_metric metric)
{
    return metric < HF_METRIC_COUNT ? &metric_rows[metric] : NULL;
}

/* ---- failures ---- */

typedef struct landing {
    int of; /* an hf_error or an alert */
    hf_fail_reason reason;
} landing;

/* What is worth telling apart from others of its alert. */
static const landing by_error[] = {
    { HF_E_NOT_TLS, HF_FAIL_not_tls },
    { HF_E_RECORD_TYPE, HF_FAIL_not_tls },
    { HF_E_CLOSED_IN_HANDSHAKE, HF_FAIL_closed },
    { HF_E_TRUNCATED_STREAM, HF_FAIL_closed },
    { HF_E_TIMEOUT, HF_FAIL_timeout },
    { HF_E_VERSION_UNSUPPORTED, HF_FAIL_version },
    { HF_E_NO_COMMON_SUITE, HF_FAIL_suite },
    { HF_E_PSK_REQUIRED, HF_FAIL_suite },
    { HF_E_PSK_DECLINED, HF_FAIL_suite },
    { HF_E_NO_COMMON_GROUP, HF_FAIL_group },
    { HF_E_NO_COMMON_SCHEME, HF_FAIL_scheme },
    { HF_E_CERT_TYPE_NOT_ASKED, HF_FAIL_scheme },
    { HF_E_CERT_ISSUER_NOT_ASKED, HF_FAIL_scheme },
    { HF_E_EMS_MISSING, HF_FAIL_outdated },
    { HF_E_RENEGOTIATION_INFO, HF_FAIL_outdated },
    { HF_E_CLIENT_CERT_REQUIRED_12, HF_FAIL_no_certificate_12 },
};

/* What we say, or would if the client could hear it. */
static const landing by_alert[] = {
    { HF_ALERT_unexpected_message, HF_FAIL_order },
    { HF_ALERT_bad_record_mac, HF_FAIL_record_mac },
    { HF_ALERT_record_overflow, HF_FAIL_record_overflow },
    { HF_ALERT_handshake_failure, HF_FAIL_spliced },
    { HF_ALERT_bad_certificate, HF_FAIL_client_bad },
    { HF_ALERT_unsupported_certificate, HF_FAIL_client_unsupported },
    { HF_ALERT_certificate_revoked, HF_FAIL_client_revoked },
    { HF_ALERT_certificate_expired, HF_FAIL_client_expired },
    { HF_ALERT_certificate_unknown, HF_FAIL_client_unknown },
    { HF_ALERT_illegal_parameter, HF_FAIL_illegal },
    { HF_ALERT_unknown_ca, HF_FAIL_client_ca },
    { HF_ALERT_decode_error, HF_FAIL_malformed },
    { HF_ALERT_decrypt_error, HF_FAIL_proof },
    { HF_ALERT_protocol_version, HF_FAIL_record_version },
    { HF_ALERT_internal_error, HF_FAIL_internal },
    { HF_ALERT_inappropriate_fallback, HF_FAIL_fallback },
    { HF_ALERT_user_canceled, HF_FAIL_aborted }, /* stream.c; one that is late has TIMEOUT */
    { HF_ALERT_missing_extension, HF_FAIL_missing },
    { HF_ALERT_unsupported_extension, HF_FAIL_unsolicited },
    { HF_ALERT_unrecognized_name, HF_FAIL_name },
    { HF_ALERT_bad_certificate_status_response, HF_FAIL_client_status },
    { HF_ALERT_certificate_required, HF_FAIL_no_certificate },
    { HF_ALERT_general_error, HF_FAIL_aborted },
    { HF_ALERT_no_application_protocol, HF_FAIL_alpn },
};

/* What the client says of us. */
static const landing by_their_alert[] = {
    { HF_ALERT_unknown_ca, HF_FAIL_distrusted_ca },
    { HF_ALERT_bad_certificate, HF_FAIL_distrusted_bad },
    { HF_ALERT_certificate_expired, HF_FAIL_distrusted_expired },
    { HF_ALERT_certificate_unknown, HF_FAIL_distrusted_unknown },
};

#define COUNT_OF(rows) (sizeof(rows) / sizeof *(rows))

static hf_fail_reason landed(const landing *rows, size_t n, int of, hf_fail_reason otherwise)
{
    for (size_t i = 0; i < n; i++)
        if (rows[i].of == of)
            return rows[i].reason;
    return otherwise;
}

/* Of ours, by the alert: the one that was sent, else the one that the error stands for. */
static hf_fail_reason by_our_alert(const hf_failure *failure)
{
    bool sent = failure->alert_direction == HF_ALERT_SENT;
    int alert = sent ? failure->alert : (int)hf_error_row_of(failure->code)->alert;

    return landed(by_alert, COUNT_OF(by_alert), alert, HF_FAIL_other);
}

hf_fail_reason hf_fail_reason_of(const hf_failure *failure)
{
    hf_fail_reason reason;

    if (failure->alert_direction == HF_ALERT_RECEIVED && failure->blame == HF_BLAME_CONFIG)
        return HF_FAIL_spare_refused; /* telling_failure.c: what was refused was not the site's own */
    if (failure->alert_direction == HF_ALERT_RECEIVED)
        return landed(by_their_alert, COUNT_OF(by_their_alert), failure->alert, HF_FAIL_refused);
    reason = landed(by_error, COUNT_OF(by_error), failure->code, HF_FAIL_COUNT);
    if (reason == HF_FAIL_COUNT)
        reason = by_our_alert(failure);
    if (reason != HF_FAIL_internal)
        return reason;
    if (failure->code == HF_E_ABORTED) /* a site that cannot be shown is refused so (front.c) */
        return HF_FAIL_unavailable;
    return failure->blame == HF_BLAME_CONFIG ? HF_FAIL_config : HF_FAIL_internal;
}
