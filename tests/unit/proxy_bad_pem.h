/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Certificates and keys that our own code refuses to make, made with openssl(1) for these tests alone. */
#ifndef TESTS_UNIT_PROXY_BAD_PEM_H
#define TESTS_UNIT_PROXY_BAD_PEM_H

/* a.test, self-signed, RSA of 1024 bits */
static const char weak_pem[] = "-----BEGIN CERTIFICATE-----\n"
                               "MIICDTCCAXagAwIBAgIUEGnyzY6iVmDBnLrri7NoPqsgtIAwDQYJKoZIhvcNAQEL\n"
                               "BQAwETEPMA0GA1UEAwwGYS50ZXN0MCAXDTI2MTEyMjA2NDkzMFoYDzIxMjYxMDI5\n"
                               "MDY0OTMwWjARMQ8wDQYDVQQDDAZhLnRlc3QwgZ8wDQYJKoZIhvcNAQEBBQADgY0A\n"
                               "MIGJAoGBAMPLZDViunx4VP/t0zyGLcusBTtf6XPN0rTwglsvV9HrBA3xUqXjoSfX\n"
                               "fYk5I0eEm0tXGQjiu0y/DFRzDGeTQf+CgLHu0fNLICzs1sEVMUHvyB+qI77G0OEc\n"
                               "EnuIG6HeIY7GzIoYJ5MRsetj/gjevIsbR0+l3YohDzAgvY/hq2fJAgMBAAGjYDBe\n"
                               "MB0GA1UdDgQWBBQtzEC+FgH1xonC9xnsT0E/LmYaWTAfBgNVHSMEGDAWgBQtzEC+\n"
                               "FgH1xonC9xnsT0E/LmYaWTARBgNVHREECjAIggZhLnRlc3QwCQYDVR0TBAIwADAN\n"
                               "BgkqhkiG9w0BAQsFAAOBgQBJE7N2ab0iJIMTSnDRsRAC1ILypuRJU/9gowt5kOky\n"
                               "gi+MCqvBhBPORMKr1+FZueU2Y2JNDoMeN1IWtIU33G6lDYoeKdppJc8yzWCXnMZb\n"
                               "O3M2cLn0rQAGXCEYPfRAb2plA2hAJRBVCGH9bo4WwmYbo/rkSfcl02U1vPg+KPOp\n"
                               "Ag==\n"
                               "-----END CERTIFICATE-----\n";
static const char weak_key[] = "-----BEGIN PRIVATE KEY-----\n"
                               "MIICdgIBADANBgkqhkiG9w0BAQEFAASCAmAwggJcAgEAAoGBAMPLZDViunx4VP/t\n"
                               "0zyGLcusBTtf6XPN0rTwglsvV9HrBA3xUqXjoSfXfYk5I0eEm0tXGQjiu0y/DFRz\n"
                               "DGeTQf+CgLHu0fNLICzs1sEVMUHvyB+qI77G0OEcEnuIG6HeIY7GzIoYJ5MRsetj\n"
                               "/gjevIsbR0+l3YohDzAgvY/hq2fJAgMBAAECgYACk0RIJ3pIdNS5YQlsPF+R1Dtl\n"
                               "YoeRjF1/H8K3LFI9Ypf1Dv2FTQ8rlPwDuAqswCPCw+yCX2kTQ1gILFM3cYpmqgp2\n"
                               "Sl7cFO/iz9ghu+VpxJmTW/Ja2pLayLM/4VjFGDIInwmrAl7DTdrGUq407YebcYNS\n"
                               "Bel6s1aZ7L6wPrn0WQJBAPINADaNFmYKuBbZJ+Hbp/bBll2h03YPjLLkTpmRKqDE\n"
                               "AVysANr86rUfBMGI2LWG+RbhxpOOJVUxq0jEKxq1v/8CQQDPE/ePiaD26ZPNZRL0\n"
                               "oIqGlbHUnGj19vpCkAH9Mm1zFNiHvVRdTvyFiMAwQjkmFJz4SlnINkPipLeGayQ1\n"
                               "YNg3AkBO+3ELW+RoLa0+P2PlLjDTsv2m1exThOVrZlZDg/v985diLvokewz3RwTd\n"
                               "RhM4wK89CTUr5uFFuGxk1SYflBjvAkEAtekwfOPGh6HBuZmlAUlW58vxIHkWq5x/\n"
                               "VKH1XVxDUelqHjRwPFf69cOgMcS7N3y8OFH4dS1WjW9t2aOdd1bQGQJASMDZyikf\n"
                               "uBqLmclxtDYLlzbVjB0NqMA1VDGe+MHmX9/li8/Nc21FYLEiwnv6AaEngJNUwz8E\n"
                               "B1aSm2HCbZi25A==\n"
                               "-----END PRIVATE KEY-----\n";

/* a.test, ECDSA P-256, signed by another CA with SHA-1 */
static const char sha1_pem[] = "-----BEGIN CERTIFICATE-----\n"
                               "MIIBeTCCASCgAwIBAgIUG7IZNP/x08CyBfLpFDQ/hsqPLoAwCQYHKoZIzj0EATAR\n"
                               "MQ8wDQYDVQQDDAZPbGQgQ0EwIBcNMjYxMTIyMDY0OTMwWhgPMjEyNjEwMjkwNjQ5\n"
                               "MzBaMBExDzANBgNVBAMMBmEudGVzdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IA\n"
                               "BCZJ+NPotkcj6u/YwTl9c6TV4fnA2h7jJKyLc3sa3ntm9bpluIU47jZZ8C6w6MuP\n"
                               "WBhfRk/Vm5tdoWayL6UAI2mjVTBTMBEGA1UdEQQKMAiCBmEudGVzdDAdBgNVHQ4E\n"
                               "FgQUnI48S9m1E/7zOevHkgw5RIRa+fkwHwYDVR0jBBgwFoAUnord8xqG0g1lBpWJ\n"
                               "Q0pfBxnkxxcwCQYHKoZIzj0EAQNIADBFAiBUIdo0/w/aF5NOxnuWZ7OvxfRsNEMU\n"
                               "fL4LE98dzke+DwIhAOA2fDRGtYIoZ86iv5oS8m8VuwQPJvSiJnXE2EkOU99U\n"
                               "-----END CERTIFICATE-----\n";
static const char sha1_key[] = "-----BEGIN PRIVATE KEY-----\n"
                               "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgLbpoUF4u/cXdbLhA\n"
                               "sq9gF7ZCRuDpoDlJJ57MVljKY7OhRANCAAQmSfjT6LZHI+rv2ME5fXOk1eH5wNoe\n"
                               "4ySsi3N7Gt57ZvW6ZbiFOO42WfAusOjLj1gYX0ZP1ZubXaFmsi+lACNp\n"
                               "-----END PRIVATE KEY-----\n";

/* the same key, encrypted with "secret" */
static const char encrypted_key[] =
    "-----BEGIN ENCRYPTED PRIVATE KEY-----\n"
    "MIHsMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAhTiGJzyy+8+gICA+gw\n"
    "DAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEEJ7fe0GFWgu4aVENMpVw4BgEgZB1\n"
    "1U28HOegZP6/a/y6vd3jIdcmY1cMt+Tqk1LjH3U7+wyKp/Klk0eOp1qk7qBE+VQZ\n"
    "r3/SyRMYqQqiWIY8Zo/NyXZrDb3odDh/USnbKZ0PICL2cf7U3UI5K9Gn7UFWLsTb\n"
    "o6ZDhZOOC65VXPFTxYX3sHyLJFcy7XiXdYHMLnKoMxhER7V2OLWZWMgcp0rWzKk=\n"
    "-----END ENCRYPTED PRIVATE KEY-----\n";

/* a request for a.test, and a key of a curve that TLS does not use here */
static const char request_pem[] =
    "-----BEGIN CERTIFICATE REQUEST-----\n"
    "MIHLMHMCAQAwETEPMA0GA1UEAwwGYS50ZXN0MFkwEwYHKoZIzj0CAQYIKoZIzj0D\n"
    "AQcDQgAEJkn40+i2RyPq79jBOX1zpNXh+cDaHuMkrItzexree2b1umW4hTjuNlnw\n"
    "LrDoy49YGF9GT9Wbm12hZrIvpQAjaaAAMAoGCCqGSM49BAMCA0gAMEUCIGFcZTw5\n"
    "71OnLgPthRah0E/K1JSWNIR0i0q+L0ogvjfEAiEA3oK+MG39YfS2rxz+pKkRnv3X\n"
    "BwlFfHD21ctmwhRzNFs=\n"
    "-----END CERTIFICATE REQUEST-----\n";
static const char foreign_key[] =
    "-----BEGIN PRIVATE KEY-----\n"
    "MIGEAgEAMBAGByqGSM49AgEGBSuBBAAKBG0wawIBAQQgpNFqysgQPPS3TqB1iQUU\n"
    "f9BYVd4ZERu9K6mKmLhS5iahRANCAAQ1C7RWi4lmCg6rp4ttw0SUz7GSw+bb0a5w\n"
    "Iw5oUHkCNt4PvxW0agwCZfyuOul+gH4bKl+7GiLz578cjMTRD/nG\n"
    "-----END PRIVATE KEY-----\n";

#endif
