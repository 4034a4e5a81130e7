/* SPDX-License-Identifier: ISC */
/* The control protocol: any request line, and what attach makes of its words. */
#include <stdlib.h>
#include <string.h>

#include "attach.h"
#include "request.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct request r;
    static struct attach a;
    static struct attach_result result;
    char encoded[REQUEST_LINE_CAP];

    if (request_parse(span_of(data, size), &r) != 0) {
        return 0;
    }
    for (size_t i = 0; i < r.count; i++) {
        struct request again;
        char line[REQUEST_LINE_CAP + 8] = "c k=";

        /* what was decoded survives a round trip */
        if (request_encode(r.values[i], encoded, sizeof encoded)) {
            strcat(line, encoded);
            if (strlen(line) < REQUEST_LINE_CAP &&
                (request_parse(span_str(line), &again) != 0 ||
                 strcmp(again.values[0], r.values[i]) != 0)) {
                abort();
            }
        }
    }
    if (attach_parse(&r, "/image", &a, &result) == ATTACH_OK) {
        a.compxml.link = "<link/>";
        free(compxml_write(&a.compxml));
    } else if (result.text[0] == '\0') {
        abort();
    }
    return 0;
}
