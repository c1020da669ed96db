/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* What somebody else's program is: both libraries by their installed headers, in C11 and in C++17. It writes a ClientHello,
   takes the system's CAs if there are any, and prints the library's version. */
#include <handfast/handfast.h>
#include <handfast/os.h>

#include <stdio.h>
#include <string.h>

static size_t client_hello(hf_config *config)
{
    hf_worker *worker = hf_worker_new();
    hf_conn_options options;
    hf_conn *conn;
    size_t len = 0;

    memset(&options, 0, sizeof options);
    options.server_name = "localhost";
    conn = worker ? hf_conn_new(config, worker, &options) : NULL;
    if (conn && hf_conn_next(conn) == HF_EVENT_NONE)
        len = hf_conn_wire_out(conn).len;
    hf_conn_free(conn);
    hf_worker_free(worker);
    return len;
}

int main(void)
{
    hf_config *config = hf_config_new(HF_CLIENT, hf_policy_named("default"));
    hf_trust *trust = hf_trust_new();
    char source[256];
    hf_error found = hf_os_trust_system(trust, source, sizeof source);
    size_t len;

    /* On a system without CAs this program would judge chains by itself. */
    if (hf_trust_count(trust) == 0)
        hf_config_set(config, HF_SET_EXTERNAL_VERIFY, 1);
    if (hf_config_set_trust(config, trust) != HF_OK || hf_config_seal(config) != HF_OK)
        return 1;
    len = client_hello(config);
    fprintf(stderr, "%zu bytes of ClientHello; system trust: %s\n", len,
            hf_error_row_of(found)->sentence);
    hf_trust_free(trust);
    hf_config_free(config);
    puts(hf_version());
    return len > 200 ? 0 : 2;
}
