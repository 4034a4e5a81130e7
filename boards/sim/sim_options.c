/* SPDX-License-Identifier: ISC */
/* Command line of the sim board. */
#include <arpa/inet.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim.h"

static const char help[] =
    "usage: %s [options]\n"
    "The firmware as a Linux process.\n"
    "  --forward [ADDRESS:]PORT:GUESTPORT  pass a TCP port of this machine (127.0.0.1\n"
    "                                      unless ADDRESS is given) to the firmware; "
    "several\n"
    "  --tap IFNAME       use this tap interface instead of the built-in NAT (root)\n"
    "  --hostport PATH    Unix socket on which the host shim may connect\n"
    "  --nvram FILE       the NVRAM: what consoles change outlives the process; made, "
    "256\n"
    "                     KiB, if there is none. Without it nothing is remembered\n"
    "  --seed-dir DIR     first-boot seeds, one file each\n"
    "  --uuid UUID        the machine's identity\n"
    "  --mac ADDRESS      hardware address (default 52:54:00:a0:00:01)\n"
    "  --help\n";

void sim_fail(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    fputs("sim: ", stderr);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
    exit(2);
}

static uint16_t parse_port(const char *text)
{
    char *end;
    long port = strtol(text, &end, 10);

    if (*text == '\0' || *end != '\0' || port < 1 || port > 65535) {
        sim_fail("not a port: %s", text);
    }
    return (uint16_t)port;
}

static void add_forward(struct sim_options *options, const char *text)
{
    char copy[64];
    struct in_addr ignored;

    if (options->forward_count == SIM_FORWARDS_MAX || strlen(text) >= sizeof(copy)) {
        sim_fail("too many or too long: --forward %s", text);
    }
    struct sim_forward *forward = &options->forwards[options->forward_count++];
    strcpy(copy, text);
    char *guest = strrchr(copy, ':');
    if (guest == NULL) {
        sim_fail("--forward needs [ADDRESS:]PORT:GUESTPORT, not %s", text);
    }
    *guest++ = '\0';
    char *port = strrchr(copy, ':');
    if (port != NULL) {
        *port++ = '\0';
    }
    const char *address = port != NULL ? copy : "127.0.0.1";
    if (strlen(address) >= sizeof(forward->address) ||
        inet_aton(address, &ignored) == 0) {
        sim_fail("not an IPv4 address: %s", address);
    }
    strcpy(forward->address, address);
    forward->port = parse_port(port != NULL ? port : copy);
    forward->guest_port = parse_port(guest);
}

/* Exactly `len` bytes in hexadecimal; `skip` may stand between them. */
static void parse_hex(const char *text, char skip, uint8_t *dst, size_t len)
{
    const char *at = text;
    unsigned byte;

    for (size_t i = 0; i < len; i++) {
        int used = 0;

        while (*at == skip) {
            at++;
        }
        if (sscanf(at, "%2x%n", &byte, &used) != 1 || used != 2) {
            sim_fail("malformed: %s", text);
        }
        dst[i] = (uint8_t)byte;
        at += used;
    }
    if (*at != '\0') {
        sim_fail("malformed: %s", text);
    }
}

void sim_options_parse(struct sim_options *options, int argc, char **argv)
{
    static const struct option longs[] = {
        {"forward", required_argument, NULL, 'f'},
        {"tap", required_argument, NULL, 't'},
        {"hostport", required_argument, NULL, 'p'},
        {"nvram", required_argument, NULL, 'n'},
        {"seed-dir", required_argument, NULL, 's'},
        {"uuid", required_argument, NULL, 'u'},
        {"mac", required_argument, NULL, 'm'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    static const uint8_t default_mac[6] = {0x52, 0x54, 0x00, 0xa0, 0x00, 0x01};
    int option;

    memset(options, 0, sizeof(*options));
    memcpy(options->mac, default_mac, sizeof(default_mac));
    options->argv = argv;
    while ((option = getopt_long(argc, argv, "", longs, NULL)) != -1) {
        switch (option) {
        case 'f':
            add_forward(options, optarg);
            break;
        case 't':
            options->tap = optarg;
            break;
        case 'p':
            options->hostport = optarg;
            break;
        case 'n':
            options->nvram = optarg;
            break;
        case 's':
            options->seed_dir = optarg;
            break;
        case 'u':
            parse_hex(optarg, '-', options->uuid, sizeof(options->uuid));
            break;
        case 'm':
            parse_hex(optarg, ':', options->mac, sizeof(options->mac));
            break;
        case 'h':
            printf(help, argv[0]);
            exit(0);
        default:
            fprintf(stderr, help, argv[0]);
            exit(2);
        }
    }
    if (optind < argc) {
        sim_fail("unexpected: %s", argv[optind]);
    }
    if (options->tap != NULL && options->forward_count > 0) {
        sim_fail("--forward does not go with --tap");
    }
}
