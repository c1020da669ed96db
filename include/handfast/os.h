/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * libhandfast_os: what needs files, descriptors or an operating system. Optional: an embedder with
 * its own files and sockets does not link it.
 */
#ifndef HANDFAST_OS_H
#define HANDFAST_OS_H

#include <handfast/conn.h>

HF_BEGIN_DECLS

/* Adds the system's CA certificates: SSL_CERT_FILE and SSL_CERT_DIR if they are set (unusable is
   HF_E_CONFIG_FILE then), else the usual places. source (may be NULL) gets what was used, or what
   could not be. */
hf_error hf_os_trust_system(hf_trust *trust, char *source, size_t room);
/* A PEM file, or every file of a directory. */
hf_error hf_os_trust_path(hf_trust *trust, const char *path, size_t *added);
/* Both may be one file. */
hf_error hf_os_identity(hf_identity **identity, const char *cert_path, const char *key_path,
                        const char *password);
/* The whole file in fresh memory with a NUL after it; at most `limit` bytes. Given back with hf_os_free. */
hf_error hf_os_read_file(const char *path, size_t limit, uint8_t **bytes, size_t *len);
void hf_os_free(void *bytes, size_t len); /* wipes */
/* Written to a temporary name, synced, renamed. An existing file stays unless `replace`. */
hf_error hf_os_write_file(const char *path, hf_span bytes, unsigned mode, bool replace);
/* Appends lines to a key log (RFC 9850), mode 0600: hf_os_keylog is the hook (hf_hooks.keylog), the
   returned pointer its user. NULL: errno says why. */
void *hf_os_keylog_open(const char *path);
void hf_os_keylog(void *keylog, const char *line);
void hf_os_keylog_close(void *keylog);
/* Handshakes over a blocking descriptor until CONNECTED or FAILED. */
hf_error hf_os_handshake(hf_conn *conn, int fd);

HF_END_DECLS
#endif
