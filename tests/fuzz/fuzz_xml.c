/* SPDX-License-Identifier: ISC */
/* Fuzz target: any bytes as an XML document. The tree must be consistent. */
#include <stdlib.h>

#include "base/err.h"
#include "config.h"
#include "xml/xml_doc.h"

static size_t count_nodes(const struct xml_node *node, size_t depth)
{
    size_t count = 1;

    if (depth > CONFIG_XML_DEPTH || node->name.len == 0) {
        abort();
    }
    for (const struct xml_node *c = node->child; c != NULL; c = c->next) {
        if (c->parent != node) {
            abort();
        }
        count += count_nodes(c, depth + 1);
    }
    return count;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    const struct xml_node *root;
    int result = xml_doc_parse(span_of(data, len), &root);

    if (result == 0) {
        if (count_nodes(root, 0) > CONFIG_XML_NODES) {
            abort();
        }
    } else if (result != ERR_INVALID && result != ERR_TOO_BIG) {
        abort();
    }
    return 0;
}
