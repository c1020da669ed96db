/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * The tests of test_crypto_hash.c on the EVP back end, which the library is built with only under
 * HF_HASH_EVP. Its functions and those above it are compiled here under other names.
 */
#define HF_HASH_EVP
#define hf_hash_init    evp_hash_init
#define hf_hash_copy    evp_hash_copy
#define hf_hash_update  evp_hash_update
#define hf_hash_final   evp_hash_final
#define hf_hash_wipe    evp_hash_wipe
#define hf_hash_len     evp_hash_len
#define hf_hash_once    evp_hash_once
#define hf_hmac         evp_hmac
#define hf_hkdf_extract evp_hkdf_extract
#define hf_hkdf_expand  evp_hkdf_expand
#define hf_mac_init     evp_mac_init
#define hf_mac_copy     evp_mac_copy
#define hf_mac_update   evp_mac_update
#define hf_mac_final    evp_mac_final
#define hf_mac_wipe     evp_mac_wipe

#include "../../src/crypto/hash.c"
#include "../../src/crypto/hash_evp.c"
#include "../../src/crypto/hmac.c"
#include "test_crypto_hash.c"
