/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* errors.def and alerts.def as look-up tables. */
#include "base/error.h"

static const hf_error_row errors[HF_ERROR_COUNT] = {
    [HF_OK] = { "OK", "no error", "-", "", HF_BLAME_US, HF_ALERT_none },
#define HF_ERROR(name, alert, blame, sentence, source, hint)                                       \
    [HF_E_##name] = { #name, sentence, source, hint, HF_BLAME_##blame, HF_ALERT_##alert },
#include <handfast/tables/errors.def>
#undef HF_ERROR
};

const hf_error_row *hf_error_row_of(hf_error code)
{
    return &errors[code >= HF_OK && code < HF_ERROR_COUNT ? code : HF_E_INTERNAL];
}

const char *hf_blame_name(hf_blame blame)
{
    static const char *const names[] = { "peer", "us", "network", "config", "policy" };
    return names[blame <= HF_BLAME_POLICY ? blame : HF_BLAME_US];
}

const char *hf_alert_name(int alert)
{
    switch (alert) {
#define HF_ALERT(name, number, words)                                                              \
    case number:                                                                                   \
        return #name;
#include <handfast/tables/alerts.def>
#undef HF_ALERT
    default: return alert < 0 ? "none" : "unknown";
    }
}

const char *hf_alert_words(int alert)
{
    switch (alert) {
#define HF_ALERT(name, number, words)                                                              \
    case number:                                                                                   \
        return words;
#include <handfast/tables/alerts.def>
#undef HF_ALERT
    default: return "an alert that no specification here names";
    }
}
