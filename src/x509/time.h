/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Seconds since 1970 taken apart, for writing times. Reading them is hf_der_time, text hf_time_text. */
#ifndef HF_X509_TIME_H
#define HF_X509_TIME_H

#include <stdint.h>

typedef struct hf_civil {
    int year, month, day, hour, minute, second;
} hf_civil;

/* 0000-01-01T00:00:00Z and 9999-12-31T23:59:59Z: what a certificate can say. */
#define HF_TIME_MIN INT64_C(-62167219200)
#define HF_TIME_MAX INT64_C(253402300799)

/* t lies between HF_TIME_MIN and HF_TIME_MAX. */
hf_civil hf_civil_of(int64_t t);

#endif
