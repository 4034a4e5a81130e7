/* SPDX-License-Identifier: ISC */
/* xml/xml_writer.c: AMT's form, and nothing that breaks out of it. */
#include "unit.h"

#include "xml/xml_writer.h"

static void test_elements(void **state)
{
    uint8_t raw[256];
    struct sbuf b;

    (void)state;
    sbuf_init(&b, raw, sizeof(raw));
    xml_write_element(&b, 'g', "Empty", span_of("", 0));
    xml_write_start_with(&b, 'c', "Selector", "Name", span_str("a\"<b"));
    xml_write_text(&b, span_str("1 < 2 & \"3\" > \x02\n"));
    xml_write_end(&b, 'c', "Selector");
    assert_sbuf_equal(b, "<g:Empty></g:Empty><c:Selector Name=\"a&quot;&lt;b\">"
                         "1 &lt; 2 &amp; &quot;3&quot; &gt; ?\n</c:Selector>");
}

static void test_text_is_always_good_utf8(void **state)
{
    static const struct {
        const char *in;
        const char *out;
    } cases[] = {
        {"gr\xc3\xbc\xc3\x9f", "gr\xc3\xbc\xc3\x9f"},
        {"\xe2\x82\xac\xf0\x9f\x98\x80", "\xe2\x82\xac\xf0\x9f\x98\x80"},
        {"a\xc3", "a?"},    /* cut short */
        {"\xc0\xaf", "??"}, /* overlong */
        {"\xe0\x80\xaf", "???"},
        {"\xed\xa0\x80", "???"},      /* surrogate */
        {"\xf4\x90\x80\x80", "????"}, /* beyond Unicode */
        {"\x80<", "?&lt;"},
    };
    uint8_t raw[64];
    struct sbuf b;

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        sbuf_init(&b, raw, sizeof(raw));
        xml_write_text(&b, span_str(cases[i].in));
        assert_sbuf_equal(b, cases[i].out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_elements),
                                       cmocka_unit_test(test_text_is_always_good_utf8)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
