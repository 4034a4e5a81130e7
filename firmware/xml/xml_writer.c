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
    size_t plain = 0;

    for (size_t i = 0; i < text.len; i++) {
        const char *replacement = escape(text.ptr[i]);

        if (replacement != NULL) {
            sbuf_put(out, span_slice(text, plain, i - plain));
            sbuf_put_str(out, replacement);
            plain = i + 1;
        }
    }
    sbuf_put(out, span_slice(text, plain, text.len));
}

void xml_write_element(struct sbuf *out, char prefix, const char *name, struct span text)
{
    xml_write_start(out, prefix, name);
    xml_write_text(out, text);
    xml_write_end(out, prefix, name);
}
