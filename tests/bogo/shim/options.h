/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * The flags of one test, as flags.def lists them. There are three sets: of the first connection, of later ones, and of the
 * second half of a connection whose early data was refused. A flag without a prefix goes to all three.
 */
#ifndef BOGO_SHIM_OPTIONS_H
#define BOGO_SHIM_OPTIONS_H

#include <handfast/types.h>

enum { SHIM_LIST_MAX = 32, SHIM_CREDENTIALS_MAX = 8 };

typedef struct shim_list {
    size_t n;
    uint16_t at[SHIM_LIST_MAX];
} shim_list;

typedef struct shim_number {
    bool set;
    int64_t value;
} shim_number;

#define SHIM_FIELD_BOOL(field)      bool field;
#define SHIM_FIELD_INT(field)       int64_t field;
#define SHIM_FIELD_MAYBE_INT(field) shim_number field;
#define SHIM_FIELD_INTS(field)      shim_list field;
#define SHIM_FIELD_STRING(field)    const char *field;
#define SHIM_FIELD_BASE64(field)    hf_span field;
#define SHIM_FIELD_NOOP(field)
#define SHIM_FIELD_NEW_CREDENTIAL(field)
#define SHIM_FIELD_CRED_BOOL(field)
#define SHIM_FIELD_CRED_INTS(field)
#define SHIM_FIELD_CRED_STRING(field)
#define SHIM_FIELD_CRED_BASE64(field)

/* What one end can show of itself. */
typedef struct shim_credential {
    const char *cert_file, *key_file; /* NULL: none */
    shim_list signing_prefs;
    hf_span ocsp_response;
    bool must_match_issuer;
} shim_credential;

typedef struct options {
#define SHIM_FLAG(kind, field, name) SHIM_FIELD_##kind(field)
#include "flags.def"
#undef SHIM_FLAG
    shim_credential fallback; /* of flags before the first -new-x509-credential */
    shim_credential credentials[SHIM_CREDENTIALS_MAX];
    size_t n_credentials;
} options;

enum { SHIM_INITIAL, SHIM_RESUME, SHIM_RETRY, SHIM_CONFIGS };

/* Exit codes that the runner knows. */
enum { SHIM_OK = 0, SHIM_FAILED = 1, SHIM_UNIMPLEMENTED = 89, SHIM_CRASHED = 90 };

/* SHIM_OK, SHIM_UNIMPLEMENTED for a flag or value that is not known here, SHIM_FAILED for one that is malformed; the last two say
   on stderr which it is. argv ends with NULL and begins with a flag; strings point into it. */
int options_parse(char **argv, options all[SHIM_CONFIGS]);
void options_free(options all[SHIM_CONFIGS]);

#endif
