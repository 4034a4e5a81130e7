/* SPDX-License-Identifier: ISC */
/* The file of an operator's settings: any bytes, as they are and with the right CRC
 * behind. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/crc32.h"
#include "tunefile.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_one(const char *bytes, size_t len)
{
    static struct tunefile out;
    int result = tunefile_parse(span_of(bytes, len), &out);

    for (unsigned i = 0; i < TUNEFILE_COUNT; i++) {
        const struct tunefile_text *text = &out.texts[i];

        if (memchr(text->text, '\0', sizeof text->text) == NULL ||
            (result != 0 && text->is_set)) {
            abort();
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char bytes[16384];

    if (size > sizeof bytes - 16) {
        return 0;
    }
    memcpy(bytes, data, size);
    read_one(bytes, size);
    size += (size_t)snprintf(bytes + size, 16, "crc %08x\n",
                             crc32_of(span_of(bytes, size)));
    read_one(bytes, size);
    return 0;
}
