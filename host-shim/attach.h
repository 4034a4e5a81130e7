/* SPDX-License-Identifier: ISC */
/*
 * Giving a host its companion, and taking it away. Blocking (worker threads); either all of
 * it happens or nothing is left behind.
 */
#ifndef VAMT_SHIM_ATTACH_H
#define VAMT_SHIM_ATTACH_H

#include <stdbool.h>

#include "compxml.h"
#include "request.h"
#include "virt.h"

enum { ATTACH_PASSWORD_CAP = 64, ATTACH_KEY_CAP = 65, ATTACH_HASHES_CAP = 2560 };
enum { ATTACH_NVRAM_BYTES = 256 * 1024 };

/* What vamtctl ends with. */
enum attach_code {
    ATTACH_OK = 0,
    ATTACH_FAILED = 1,
    ATTACH_USAGE = 2,
    ATTACH_NOT_FOUND = 3,
    ATTACH_EXISTS = 4,
    ATTACH_LIBVIRT_AWAY = 5,
    ATTACH_IN_USE = 6,
    ATTACH_SILENT = 7, /* attached, but the firmware does not answer */
    ATTACH_NO_DAEMON = 8,
    ATTACH_NO_CONSENT = 9 /* consent: none is wanted now */
};

struct attach {
    char domain[VIRT_NAME_CAP];
    char address[128]; /* "ADDRESS/PREFIX[,GATEWAY]" or "" for DHCP */
    char seed[160];    /* the firmware's network seed made of it */
    char password[ATTACH_PASSWORD_CAP];
    bool is_password_ours;                    /* generated here: tell it */
    char local_password[ATTACH_PASSWORD_CAP]; /* of $$OsAdmin, while nobody owns it */
    char store_key[ATTACH_KEY_CAP];           /* hexadecimal */
    char hashes[ATTACH_HASHES_CAP];           /* roots for set-up by certificate, or "" */
    bool is_unprovisioned;
    bool is_tls_only;
    bool is_accel_given;
    struct compxml compxml;
};

struct attach_result {
    enum attach_code code;
    char text[512];           /* why, if not ATTACH_OK */
    char uuid[VIRT_UUID_CAP]; /* of the companion */
};

/* Read and check the words of a request. ATTACH_OK or ATTACH_USAGE with result->text.
 * Generates what is not given: UUID, MAC, password. */
enum attach_code attach_parse(const struct request *r, const char *image,
                              struct attach *out, struct attach_result *result);
/* AMT's rule: 8 to 32 characters, each kind of character, none of " , : */
bool attach_password_is_valid(const char *password);

/* `state`: where the companion's folder is made. */
void attach_do(struct virt *v, const char *state, struct attach *a,
               struct attach_result *result);
/* `domain`: name or UUID of the host. */
void detach_do(struct virt *v, const char *state, const char *domain,
               struct attach_result *result);

/* attach_seeds.c: the companion's folder. */
/* "NAME SHA256" lines, as the firmware reads them. 0, or the number of a line that is none (also:
 * one too many). */
unsigned attach_hashes_check(const char *text);
/* Which seeds it gets: names into a->compxml. */
void attach_seeds_choose(struct attach *a);
/* Make the folder with seeds and blank NVRAM. False: why is in *result, and a part may be
 * there. */
bool attach_seeds_write(const struct attach *a, const char *host_name,
                        struct attach_result *result);
void attach_seeds_remove(const char *folder);

/* Set code and text. */
void attach_fail(struct attach_result *result, enum attach_code code, const char *format,
                 ...) __attribute__((format(printf, 3, 4)));

#endif
