/* SPDX-License-Identifier: ISC */
/* The HTTP server under test and its handlers. */
#include "http_world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "account/account.h"
#include "account/digest_auth.h"
#include "crypto/crypto.h"
#include "fake_board.h"
#include "fake_client.h"
#include "fault/fault.h"
#include "http/http.h"
#include "latency/latency.h"
#include "settings/identity.h"

struct http_world http_world;

static void on_cancel(struct http_exchange *x)
{
    http_world.cancels++;
    if (http_world.kept == x) {
        http_world.kept = NULL;
    }
}

static void handle(struct http_exchange *x)
{
    http_world.calls++;
    x->job = http_world.job;
    x->fault = http_world.fault;
    fake_board.now_us += http_world.work_us;
    switch (http_world.mode) {
    case HTTP_WORLD_ECHO:
        x->reply.len = x->body.len; /* the reply lies over the body */
        http_reply_send(x, 200, HTTP_TYPE_SOAP);
        break;
    case HTTP_WORLD_FAULT:
        sbuf_put_str(&x->reply, "fault");
        http_reply_send(x, 400, HTTP_TYPE_SOAP);
        break;
    case HTTP_WORLD_LATER:
        x->cancel = on_cancel;
        http_world.kept = x;
        break;
    default:
        while (x->reply.len < x->reply.cap) {
            sbuf_put_u8(&x->reply, 'x');
        }
        if (http_world.mode == HTTP_WORLD_OVERFLOW) {
            sbuf_put_u8(&x->reply, 'x');
        }
        http_reply_send(x, 200, HTTP_TYPE_SOAP);
        break;
    }
}

static const struct http_route routes[] = {
    {"POST", "/wsman", true, handle},
    {"POST", "/both", true, handle},
    {"GET", "/both", true, handle},
    {"POST", "/anon", false, handle},
};

void http_world_start(void)
{
    http_world = (struct http_world){.mode = HTTP_WORLD_ECHO};
    fake_board_reset();
    account_let_users_in(true);
    latency_start();
    fault_start();
    if (crypto_start() < 0) {
        abort();
    }
    identity_start();
    if (account_start() < 0 || http_start(routes, UTIL_COUNT(routes)) < 0) {
        abort();
    }
    http_world_login();
}

void http_world_login(void)
{
    char text[256];
    struct sbuf out;

    sbuf_init(&out, text, sizeof(text));
    digest_auth_put_challenge(&out, false);
    if (sbuf_terminate(&out) < 0) {
        abort();
    }
    fake_client_read_nonce(text, http_world.nonce);
    http_world.nc = 0;
}

const char *http_world_request(const char *method, const char *target,
                               const char *headers, const char *body)
{
    static char text[200 * 1024];
    struct fake_client client = {.user = "admin",
                                 .password = FAKE_BOARD_PASSWORD,
                                 .realm = identity_get()->realm,
                                 .method = method,
                                 .uri = target,
                                 .nonce = http_world.nonce,
                                 .cnonce = "0a4f113b"};
    char nc[16];

    snprintf(nc, sizeof(nc), "%08x", ++http_world.nc);
    client.nc = nc;
    snprintf(text, sizeof(text),
             "%s %s HTTP/1.1\r\nAuthorization: %s\r\nHost: 192.0.2.1:16992\r\n%s"
             "Content-Length: %zu\r\n\r\n%s",
             method, target, fake_client_header(&client, FAKE_CLIENT_MC), headers,
             strlen(body), body);
    return text;
}

void http_world_reply(const char *text)
{
    struct http_exchange *x = http_world.kept;

    if (x == NULL) {
        abort();
    }
    http_world.kept = NULL;
    sbuf_put_str(&x->reply, text);
    http_reply_send(x, 200, HTTP_TYPE_SOAP);
}
