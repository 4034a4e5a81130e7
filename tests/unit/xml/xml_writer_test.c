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

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_elements)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
