/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* handfast cert crl: what a private CA has revoked, kept in its folder and signed as a CRL. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <handfast/os.h>
#include "base/clock.h"
#include "tool/cert_file.h"
#include "tool/exit.h"
#include "tool/misuse.h"
#include "tool/options.h"
#include "tool/order.h"
#include "tool/revoked.h"
#include "tool/say.h"
#include "x509/issue_crl.h"

enum { CRL_MODE = 0644 };

/* ---- what is to be revoked ---- */

static int refuse_foreign(const char *path, const char *dir)
{
    hf_error_what("this CA cannot revoke that certificate");
    hf_error_why("%s was not signed by %s/ca.pem", path, dir);
    hf_error_next("give the folder of the CA that signed it: --ca DIR");
    return HF_EXIT_USAGE;
}

/* Revoking by serial number what another CA signed would hit a stranger, or nobody. */
static int serial_of_file(const char *path, const char *dir, const hf_cert *ca, hf_serial *serial)
{
    hf_cert_file file;
    int status = hf_cert_file_open(path, &file);

    if (status != HF_EXIT_OK)
        return status;
    const hf_cert *c = &file.cert;
    if (!hf_span_equal(c->issuer, ca->subject) ||
        hf_verify(&ca->key, c->signed_with.kind, c->signed_with.hash, c->tbs, c->signature) !=
            HF_OK)
        status = refuse_foreign(path, dir);
    else
        memcpy(serial->octets, c->serial.data, serial->len = c->serial.len);
    hf_cert_file_close(&file);
    return status;
}

static int serial_of(const char *what, const char *dir, const hf_cert *ca, hf_serial *serial)
{
    if (access(what, F_OK) == 0)
        return serial_of_file(what, dir, ca, serial);
    if (hf_serial_read(what, serial))
        return HF_EXIT_OK;
    hf_error_what("there is nothing to revoke");
    hf_error_why("%s is neither a file nor a serial number of at most 20 octets in hex", what);
    hf_error_next("for example: handfast cert crl --ca ca --revoke leaf/leaf.pem --out crl.pem");
    return HF_EXIT_USAGE;
}

static int revoke_all(const hf_cert_crl_options *o, const hf_cert *ca, int64_t now,
                      hf_revoked *list)
{
    int reason = HF_REASON_NONE, status = HF_EXIT_OK;
    hf_serial serial;

    hf_reason_read(o->reason, &reason);
    for (size_t i = 0; i < o->revoke.n && status == HF_EXIT_OK; i++) {
        status = serial_of(o->revoke.at[i], o->ca, ca, &serial);
        if (status != HF_EXIT_OK)
            return status;
        if (!hf_revoked_add(list, &serial, now, reason, &status) && status == HF_EXIT_OK)
            hf_note_lines("remark: %s is revoked already\n", o->revoke.at[i]);
    }
    return status;
}

/* ---- the CRL ---- */

static hf_error make_crl(const hf_cert_crl_options *o, const hf_stored_ca *ca, int64_t now,
                         const hf_revoked *list, uint8_t **der, size_t *len)
{
    hf_crl_entry *entries = hf_alloc((list->n + 1) * sizeof *entries);
    hf_crl_request request = {
        .entries = entries,
        .n = list->n,
        .number = list->number,
        .this_update = now - HF_CLOCK_SLACK,
        .next_update = now + o->days * (int64_t)HF_DAY,
    };

    if (!entries)
        return HF_E_NO_MEMORY;
    for (size_t i = 0; i < list->n; i++)
        entries[i] = (hf_crl_entry){
            .serial = hf_span_of(list->rows[i].serial.octets, list->rows[i].serial.len),
            .date = list->rows[i].date,
            .reason = list->rows[i].reason,
        };
    hf_error e = hf_crl_issue(&request, &ca->cert, ca->key, der, len);
    hf_free(entries);
    return e;
}

static int write_crl(const hf_cert_crl_options *o, hf_span der)
{
    uint8_t *pem = NULL;
    size_t len = 0;
    hf_error e = hf_pem_write("X509 CRL", der, &pem, &len);

    if (e == HF_OK)
        e = hf_os_write_file(o->out, hf_span_of(pem, len), CRL_MODE, true);
    int why = errno;
    hf_free(pem);
    if (e == HF_OK)
        return HF_EXIT_OK;
    hf_error_what("the CRL could not be written");
    hf_error_why("%s: %s", o->out,
                 e == HF_E_CONFIG_FILE ? strerror(why) : hf_error_row_of(e)->sentence);
    hf_error_next("choose another file: --out FILE; what was revoked is kept");
    return HF_EXIT_IO;
}

static void say_made(const hf_cert_crl_options *o, const hf_revoked *list, int64_t now)
{
    char until[24];

    hf_time_text(now + o->days * (int64_t)HF_DAY, until);
    hf_out(HF_GREEN "made" HF_PLAIN " a list of what the CA has revoked\n");
    hf_out_lines("  %-13s %s\n", "CRL", o->out);
    hf_out("  %-13s %" PRIu64 "\n", "number", list->number);
    hf_out("  %-13s %zu\n", "revoked", list->n);
    hf_out("  %-13s %.10s %.8s UTC\n", "of use until", until, until + 11);
    hf_out("\n");
    hf_out_lines("next: handfast connect --ca %s/ca.pem --crl %s HOST:PORT\n", o->ca, o->out);
}

/* What is revoked is written first: a CRL may then be missing, but no revocation is lost. */
static int publish(const hf_cert_crl_options *o, const char *path, const hf_stored_ca *ca,
                   hf_revoked *list)
{
    int64_t now = hf_clock_wall();
    uint8_t *der = NULL;
    size_t len = 0;
    int status = revoke_all(o, &ca->cert, now, list);

    if (status != HF_EXIT_OK)
        return status;
    list->number++; /* RFC 5280 5.2.3 */
    status = hf_revoked_save(path, list);
    if (status != HF_EXIT_OK)
        return status;
    hf_error e = make_crl(o, ca, now, list, &der, &len);
    status = e == HF_OK ? write_crl(o, hf_span_of(der, len))
                        : hf_complain_row(e, "no CRL could be made", o->ca);
    hf_free(der);
    if (status == HF_EXIT_OK)
        say_made(o, list, now);
    return status;
}

/* RFC 5280 4.2.1.3: without cRLSign nobody would believe the list. */
static int check_ca(const hf_cert *ca, const char *dir)
{
    if (!ca->has_key_usage || (ca->key_usage & HF_KU_CRL_SIGN))
        return HF_EXIT_OK;
    hf_error_what("the CA may not sign CRLs");
    hf_error_why("%s/ca.pem: its keyUsage is without cRLSign", dir);
    hf_error_next("make a CA that may: handfast cert ca --out DIR");
    return HF_EXIT_USAGE;
}

/* Of two that write the list at once one would forget what the other revoked. */
static int refuse_unlocked(const char *dir)
{
    hf_error_what("the CA's folder cannot be locked");
    hf_error_why("%s: another handfast is busy in it, or its file system has no locks", dir);
    hf_error_next("try again, or move the folder to a local disk");
    return HF_EXIT_IO;
}

static int run_locked(const hf_cert_crl_options *o, const hf_stored_ca *ca)
{
    char path[HF_STORE_PATH_MAX];
    hf_revoked list;
    int n = snprintf(path, sizeof path, "%s/revoked.txt", o->ca);

    if (n < 0 || (size_t)n >= sizeof path)
        return HF_EXIT_BUG;
    int status = hf_revoked_load(path, &list);
    if (status != HF_EXIT_OK)
        return status;
    status = publish(o, path, ca, &list);
    hf_revoked_free(&list);
    return status;
}

int hf_cmd_cert_crl(const hf_cert_crl_options *options)
{
    hf_stored_ca ca;

    if (!options->ca)
        return hf_misuse_needs("cert crl", "ca", "cert crl --ca ca --out ca/crl.pem");
    if (!options->out)
        return hf_misuse_needs("cert crl", "out", "cert crl --ca ca --out ca/crl.pem");
    int status = hf_store_load_with(options->ca, options->key_password_file, &ca);
    if (status != HF_EXIT_OK)
        return status;
    int lock = hf_store_lock(options->ca);
    status = lock < 0 ? refuse_unlocked(options->ca) : check_ca(&ca.cert, options->ca);
    if (status == HF_EXIT_OK)
        status = run_locked(options, &ca);
    if (lock >= 0)
        close(lock);
    hf_store_unload(&ca);
    return status;
}
