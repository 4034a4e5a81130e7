/* SPDX-License-Identifier: ISC */
/* Puts requests to wsman_handle and holds the reply, for the tests of wsman/. The requests
 * are written here in the form of several consoles (connect-sequences of the reference). */
#ifndef VAMT_TESTS_ASKER_H
#define VAMT_TESTS_ASKER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cim/cim.h"
#include "wsman/wsman.h"

#define ASKER_CIM       "http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/"
#define ASKER_AMT       "http://intel.com/wbem/wscim/1/amt-schema/1/"
#define ASKER_GET       "http://schemas.xmlsoap.org/ws/2004/09/transfer/Get"
#define ASKER_PUT       "http://schemas.xmlsoap.org/ws/2004/09/transfer/Put"
#define ASKER_ENUMERATE "http://schemas.xmlsoap.org/ws/2004/09/enumeration/Enumerate"
#define ASKER_PULL      "http://schemas.xmlsoap.org/ws/2004/09/enumeration/Pull"
#define ASKER_RELEASE   "http://schemas.xmlsoap.org/ws/2004/09/enumeration/Release"

struct asker {
    char reply[65536];
    struct sbuf out;
    unsigned status;      /* of the last request; 0: pending */
    unsigned done_status; /* of a pending one, once it is done */
    struct wsman_operation *operation;
    struct cim_caller caller;
    bool is_anonymous;
    uint64_t now_us;
    size_t reply_cap;
    void (*inspect)(void *context, const struct wsman_view *view,
                    struct wsman_veto *veto);
    void *context;
    uint32_t pulled; /* instances in the last reply */
};
extern struct asker asker;

/* Everything as after boot; the caller is an administrator. */
void asker_reset(void);
/* A document as it is. Returns the status. */
unsigned asker_send(const char *document);
/* An envelope: `selectors` and `body` are XML with prefixes s (SOAP), a (addressing), w
 * (wsman) and n (enumeration); either may be "". */
unsigned asker_ask(const char *action, const char *uri, const char *selectors,
                   const char *body);
/* Enumerate, then Pull in turn: the context's name is kept in `context`. */
unsigned asker_enumerate(const char *uri, const char *options);
unsigned asker_pull(const char *uri, const char *options);
extern char asker_context[64];
/* How often `text` occurs in the reply. */
unsigned asker_count(const char *text);

#define assert_reply_has(text) \
    do { \
        if (asker_count(text) == 0) { \
            fail_msg("no %s in %s", (text), asker.reply); \
        } \
    } while (0)
#define assert_fault(code, subcode, http) \
    do { \
        assert_int_equal(asker.status, (http)); \
        assert_reply_has("<a:Value>" code "</a:Value><a:Subcode><a:Value>" subcode \
                         "</a:Value></a:Subcode>"); \
    } while (0)

#endif
