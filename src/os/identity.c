/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* A certificate chain and its key from files. What is in them is judged by hf_identity_from_pem. */
#include <handfast/os.h>

#include "base/bytes.h"
#include "base/error.h"

enum { PEM_LIMIT = 1024 * 1024 };

hf_error hf_os_identity(hf_identity **identity, const char *cert_path, const char *key_path,
                        const char *password)
{
    uint8_t *cert, *key;
    size_t cert_len, key_len;

    *identity = NULL;
    TRY(hf_os_read_file(cert_path, PEM_LIMIT, &cert, &cert_len));
    hf_error e = hf_os_read_file(key_path, PEM_LIMIT, &key, &key_len);
    if (e == HF_OK)
        e = hf_identity_from_pem(identity, hf_span_of(cert, cert_len), hf_span_of(key, key_len),
                                 password);
    hf_os_free(key, key_len);
    hf_os_free(cert, cert_len);
    return e;
}
