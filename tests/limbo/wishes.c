/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* What a case demands of the leaf's usages and of signatures, by the names that the schema gives them. */
#include <stdio.h>
#include <string.h>

#include "case.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

static verdict unknown(char why[WHY_MAX], const char *what, const char *word)
{
    snprintf(why, WHY_MAX, "%s %.60s is not one that can be asked for", what,
             word ? word : "(no text)");
    return SKIPPED;
}

/* RFC 5280 4.2.1.3: the place in the list is the bit. */
static verdict read_key_usage(limbo_case *c, const json_t *list, char why[WHY_MAX])
{
    static const char *const names[] = { "digitalSignature", "contentCommitment", "keyEncipherment",
                                         "dataEncipherment", "keyAgreement",      "keyCertSign",
                                         "cRLSign",          "encipherOnly",      "decipherOnly" };
    size_t i;
    json_t *item;

    json_array_foreach(list, i, item)
    {
        const char *word = json_string_value(item);
        size_t bit = 0;
        while (bit < COUNT(names) && (!word || strcmp(names[bit], word) != 0))
            bit++;
        if (bit == COUNT(names))
            return unknown(why, "keyUsage", word);
        c->options.key_usage = (uint16_t)(c->options.key_usage | 1u << bit);
    }
    return SUCCESS;
}

/* Those of TLS; without a wish it is that of the kind of validation. */
static verdict read_purposes(limbo_case *c, const json_t *json, char why[WHY_MAX])
{
    const json_t *list = json_object_get(json, "extended_key_usage");
    const char *kind = json_string_value(json_object_get(json, "validation_kind"));
    size_t i;
    json_t *item;

    json_array_foreach(list, i, item)
    {
        const char *word = json_string_value(item);
        bool server = word && strcmp(word, "serverAuth") == 0;
        bool client = word && strcmp(word, "clientAuth") == 0;
        if (!server && !client)
            return unknown(why, "extKeyUsage", word);
        c->as_server = c->as_server || server;
        c->as_client = c->as_client || client;
    }
    if (!c->as_server && !c->as_client) {
        c->as_client = kind && strcmp(kind, "CLIENT") == 0;
        c->as_server = !c->as_client;
    }
    return SUCCESS;
}

static const struct {
    const char *name;
    uint16_t schemes[3];
} algorithms[] = {
    { "RSA_WITH_SHA256", { 0x0401 } },   { "RSA_WITH_SHA384", { 0x0501 } },
    { "RSA_WITH_SHA512", { 0x0601 } },   { "RSASSA_PSS", { 0x0804, 0x0805, 0x0806 } },
    { "ECDSA_WITH_SHA256", { 0x0403 } }, { "ECDSA_WITH_SHA384", { 0x0503 } },
    { "ECDSA_WITH_SHA512", { 0x0603 } }, { "ED25519", { 0x0807 } },
};

/* None: the policy's. One that the library never accepts adds nothing. */
static void read_algorithms(limbo_case *c, const json_t *list)
{
    size_t i, n = 0;
    json_t *item;

    if (json_array_size(list) == 0)
        return;
    memset(c->policy.cert_schemes, 0, sizeof c->policy.cert_schemes);
    for (size_t row = 0; row < COUNT(algorithms); row++) {
        bool wanted = false;
        json_array_foreach(list, i, item) wanted =
            wanted ||
            (json_string_value(item) && strcmp(json_string_value(item), algorithms[row].name) == 0);
        for (size_t k = 0; wanted && k < 3 && algorithms[row].schemes[k]; k++)
            c->policy.cert_schemes[n++] = algorithms[row].schemes[k];
    }
}

verdict read_wishes(limbo_case *c, const json_t *json, char why[WHY_MAX])
{
    verdict v = read_key_usage(c, json_object_get(json, "key_usage"), why);

    if (v == SUCCESS)
        v = read_purposes(c, json, why);
    read_algorithms(c, json_object_get(json, "signature_algorithms"));
    return v;
}
