/* SPDX-License-Identifier: ISC */
/* Writing XML into an sbuf. */
#include "xml/xml_writer.h"

static void put_name(struct sbuf *out, char prefix, const char *name)
{
    sbuf_put_u8(out, (uint8_t)prefix);
    sbuf_put_u8(out, ':');
    sbuf_put_str(out, name);
}

void xml_write_start(struct sbuf *out, char prefix, const char *name)
{
    sbuf_put_u8(out, '<');
    put_name(out, prefix, name);
    sbuf_put_u8(out, '>');
}

void xml_write_end(struct sbuf *out, char prefix, const char *name)
{
    sbuf_put_str(out, "</");
    put_name(out, prefix, name);
    sbuf_put_u8(out, '>');
}

void xml_write_start_with(struct sbuf *out, char prefix, const char *name,
                          const char *attribute, struct span value)
{
    sbuf_put_u8(out, '<');
    put_name(out, prefix, name);
    sbuf_put_u8(out, ' ');
    sbuf_put_str(out, attribute);
    sbuf_put_str(out, "=\"");
    xml_write_text(out, value);
    sbuf_put_str(out, "\">");
}

/* Length of the UTF-8 sequence at text.ptr[at]; 0 if there is none (RFC 3629, clause 4). */
static size_t utf8_len(struct span text, size_t at)
{
    uint8_t first = text.ptr[at];
    size_t len = first < 0x80   ? 1
                 : first < 0xc2 ? 0
                 : first < 0xe0 ? 2
                 : first < 0xf0 ? 3
                 : first < 0xf5 ? 4
                                : 0;

    if (len > text.len - at) {
        return 0;
    }
    for (size_t i = 1; i < len; i++) {
        if ((text.ptr[at + i] & 0xc0) != 0x80) {
            return 0;
        }
    }
    if (len > 2) {
        uint8_t second = text.ptr[at + 1];

        if ((first == 0xe0 && second < 0xa0) || (first == 0xed && second > 0x9f) ||
            (first == 0xf0 && second < 0x90) || (first == 0xf4 && second > 0x8f)) {
            return 0;
        }
    }
    return len;
}

static const char *escape(uint8_t c)
{
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\t':
    case '\n':
    case '\r':
        return NULL;
    default:
        return c < ' ' ? "?" : NULL; /* XML 1.0, production 2 */
    }
}

void xml_write_text(struct sbuf *out, struct span text)
{
    size_t at = 0;
    size_t plain = 0;

    while (at < text.len) {
        size_t len = utf8_len(text, at);
        const char *replacement = len == 0 ? "?" : len == 1 ? escape(text.ptr[at]) : NULL;

        len = len == 0 ? 1 : len;
        if (replacement != NULL) {
            sbuf_put(out, span_slice(text, plain, at - plain));
            sbuf_put_str(out, replacement);
            plain = at + len;
        }
        at += len;
    }
    sbuf_put(out, span_slice(text, plain, text.len));
}

void xml_write_element(struct sbuf *out, char prefix, const char *name, struct span text)
{
    xml_write_start(out, prefix, name);
    xml_write_text(out, text);
    xml_write_end(out, prefix, name);
}
