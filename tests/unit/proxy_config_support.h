/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* A configuration in the present test's hands: include it behind cmocka.h. */
#ifndef TESTS_UNIT_PROXY_CONFIG_SUPPORT_H
#define TESTS_UNIT_PROXY_CONFIG_SUPPORT_H

#include "base/bytes.h"
#include "tool/proxy/config.h"

static hf_proxy_config *config;
static hf_config_fault fault;

static bool reads(const char *text)
{
    hf_proxy_config_free(config);
    return hf_proxy_config_read(hf_span_str(text), "/etc/handfast/proxy.yaml", &config, &fault);
}

static void must_read(const char *text)
{
    if (!reads(text))
        fail_msg("%u:%u %s: %s", fault.at.line, fault.at.column, fault.what, text);
}

static int tear_down(void **state)
{
    (void)state;
    hf_proxy_config_free(config);
    config = NULL;
    return 0;
}

#endif
