/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The registries' tables, and the look-ups in them: by value, in sorted rows. */
#include "explain/names.h"

#include <stdio.h>
#include <string.h>

#include "registry/registry.h"

typedef struct row {
    uint16_t value;
    const char *name;
} row;

#define HF_NAME(value, name) { value, name },

#define HF_NAMES_TABLE(registry, rows) static const row in_##registry[] = { rows };
#include "explain/names_small.def"
#undef HF_NAMES_TABLE

static const row in_VERSIONS[] = {
#include "explain/names_versions.def"
};
static const row in_SUITES[] = {
#include "explain/names_suites.def"
};
static const row in_GROUPS[] = {
#include "explain/names_groups.def"
};
static const row in_SCHEMES[] = {
#include "explain/names_schemes.def"
};
static const row in_EXTENSIONS[] = {
#include "explain/names_extensions.def"
};
static const row in_MESSAGES[] = {
#include "explain/names_messages.def"
};
static const row in_ALERTS[] = {
#include "explain/names_alerts.def"
};

#undef HF_NAME

#define TABLE(registry, width)                                                                     \
    [HF_NAMES_##registry] = { in_##registry, sizeof in_##registry / sizeof *in_##registry, width }

static const struct {
    const row *rows;
    size_t n, width;
} tables[HF_NAMES_COUNT] = {
    TABLE(VERSIONS, 2),
    TABLE(SUITES, 2),
    TABLE(GROUPS, 2),
    TABLE(SCHEMES, 2),
    TABLE(EXTENSIONS, 2),
    TABLE(MESSAGES, 1),
    TABLE(CONTENT_TYPES, 1),
    TABLE(ALERT_LEVELS, 1),
    TABLE(ALERTS, 1),
    TABLE(COMPRESSIONS, 1),
    TABLE(PSK_MODES, 1),
    TABLE(POINT_FORMATS, 1),
    TABLE(CURVE_TYPES, 1),
    TABLE(NAME_TYPES, 1),
    TABLE(STATUS_TYPES, 1),
    TABLE(CERTIFICATE_TYPES, 1),
    TABLE(KEY_UPDATES, 1),
    TABLE(FRAGMENT_LENGTHS, 1),
    TABLE(CERTIFICATE_FORMATS, 1),
    TABLE(CERTIFICATE_COMPRESSIONS, 2),
    TABLE(ECH_TYPES, 1),
    TABLE(HPKE_KDFS, 2),
    TABLE(HPKE_AEADS, 2),
    TABLE(SCT_VERSIONS, 1),
    TABLE(HEARTBEAT_MODES, 1),
    TABLE(SRTP_PROFILES, 2),
};

size_t hf_names_width(hf_names names)
{
    return tables[names].width;
}

const char *hf_name_row(hf_names names, size_t i, uint64_t *value)
{
    if (i >= tables[names].n)
        return NULL;
    *value = tables[names].rows[i].value;
    return tables[names].rows[i].name;
}

const char *hf_name_of(hf_names names, uint64_t value)
{
    const row *rows = tables[names].rows;
    size_t from = 0, to = tables[names].n;

    while (from < to) {
        size_t middle = from + (to - from) / 2;
        if (rows[middle].value == value)
            return rows[middle].name;
        if (rows[middle].value < value)
            from = middle + 1;
        else
            to = middle;
    }
    return NULL;
}

bool hf_suite_is_null(uint16_t suite)
{
    enum { TLS_SHA256_SHA256 = 0xc0b4, TLS_SHA384_SHA384 };
    const char *name = hf_name_of(HF_NAMES_SUITES, suite);

    return name && (strstr(name, "_WITH_NULL_") || suite == TLS_SHA256_SHA256 ||
                    suite == TLS_SHA384_SHA384);
}

/* RFC 8701 2: 0x0b, 0x2a, 0x49, … 0xe4. */
static bool is_grease_byte(uint64_t value)
{
    return value <= 0xff && value % 0x1f == 0x0b;
}

bool hf_name_is_grease(hf_names names, uint64_t value)
{
    switch (names) {
    case HF_NAMES_VERSIONS:
    case HF_NAMES_SUITES:
    case HF_NAMES_GROUPS:
    case HF_NAMES_SCHEMES:
    case HF_NAMES_EXTENSIONS: return value <= 0xffff && hf_is_grease((uint16_t)value);
    case HF_NAMES_PSK_MODES: return is_grease_byte(value);
    default: return false;
    }
}

char *hf_code_text(hf_names names, uint64_t value, char text[HF_NAME_ROOM])
{
    const char *name = hf_name_of(names, value);
    int digits = (int)(2 * (tables[names].width > 0 ? tables[names].width : 1));

    if (name)
        snprintf(text, HF_NAME_ROOM, "%s", name);
    else if (hf_name_is_grease(names, value))
        snprintf(text, HF_NAME_ROOM, "GREASE (0x%0*llx), which means nothing and must be ignored",
                 digits, (unsigned long long)value);
    else
        snprintf(text, HF_NAME_ROOM, "unknown (0x%0*llx)", digits, (unsigned long long)value);
    return text;
}
