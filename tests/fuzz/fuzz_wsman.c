/* SPDX-License-Identifier: ISC */
/*
 * Fuzz target: any bytes as a WS-Management request of an administrator, over the real CIM
 * core and providers (no host shim). Each gets exactly one well-formed answer.
 */
#include <stdint.h>
#include <stdlib.h>

#include "base/pool.h"
#include "tests/unit/http/fake_board.c"
#include "tests/unit/wsman/asker.c"

static void check_answer(void)
{
    const struct xml_node *root;

    if (asker.status != 200 && asker.status != 400 && asker.status != 413 &&
        asker.status != 500) {
        abort();
    }
    if (asker.out.overflow || xml_doc_parse(sbuf_span(&asker.out), &root) != 0) {
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static char document[65536];

    if (len >= sizeof(document)) {
        return 0;
    }
    memcpy(document, data, len);
    document[len] = '\0';
    asker_reset();
    asker_send(document);
    if (asker.status == 0) {
        wsman_cancel(asker.operation);
    } else {
        check_answer();
    }
    for (struct pool *p = pool_first(); p != NULL; p = p->next) {
        if (p->in_use != 0) {
            abort();
        }
    }
    return 0;
}
