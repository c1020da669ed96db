/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * A CA and its CRL, made by OpenSSL 3.0's `req -x509` and `ca -gencrl`. The keys were thrown away. Good from 2026-11-21T16:10:30Z to 2036-11-18T16:10:30Z. Serial numbers 0x1001 and
 * 0x1003 are revoked (the latter with an invalidityDate).
 */
#ifndef HF_TESTS_X509_CRL_SAMPLES_H
#define HF_TESTS_X509_CRL_SAMPLES_H

static const char sample_crl_openssl_ca[] =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIBfDCCASKgAwIBAgIULYcLjyfSeMwp7NcrPclZLX/vmVQwCgYIKoZIzj0EAwIw\n"
    "HDEaMBgGA1UEAwwRT3BlblNTTCBzYW1wbGUgQ0EwHhcNMjYxMTIxMTYxMDMwWhcN\n"
    "MzYxMTE4MTYxMDMwWjAcMRowGAYDVQQDDBFPcGVuU1NMIHNhbXBsZSBDQTBZMBMG\n"
    "ByqGSM49AgEGCCqGSM49AwEHA0IABILpdXtz4D4imHYJcT4yqBU3FmdWU2XUZRhz\n"
    "ja2KWCOIvgeCFDbAwX0SwjeiEDZESJhY1zcPSDWlwxvTqTqQyFyjQjBAMA8GA1Ud\n"
    "EwEB/wQFMAMBAf8wDgYDVR0PAQH/BAQDAgGGMB0GA1UdDgQWBBR/GZImUnWKWV4x\n"
    "04GBUgU8InaH9TAKBggqhkjOPQQDAgNIADBFAiB7EIw1AfVIdFhwDnRw30Zp4b4w\n"
    "cWqsWFot1xUh2s6bGQIhAOb2Dbs3LrOmdxYm65WaQAHSqJs/Me/BBHPk1flqZlHR\n"
    "-----END CERTIFICATE-----\n";

static const char sample_crl_openssl[] =
    "-----BEGIN X509 CRL-----\n"
    "MIIBODCB3wIBATAKBggqhkjOPQQDAjAcMRowGAYDVQQDDBFPcGVuU1NMIHNhbXBs\n"
    "ZSBDQRcNMjYxMTIxMTYxMDMwWhcNMzYxMTE4MTYxMDMwWjBgMCECAhABFw0yNjEx\n"
    "MjAxMDAwMDBaMAwwCgYDVR0VBAMKAQEwOwICEAMXDTI2MTEyMDEwMDAwMFowJjAK\n"
    "BgNVHRUEAwoBATAYBgNVHRgEERgPMjAyNjExMDEwMDAwMDBaoDAwLjAfBgNVHSME\n"
    "GDAWgBR/GZImUnWKWV4x04GBUgU8InaH9TALBgNVHRQEBAICEAAwCgYIKoZIzj0E\n"
    "AwIDSAAwRQIhAPYaaV1W2IflJ1sQWQ5ei35IQpdwElRGmtQJA5gIWCclAiBuUKfs\n"
    "smd39wXI69fYWnLvodpnLtiT5sRO/odQoPfLtg==\n"
    "-----END X509 CRL-----\n";

#endif
