/* SPDX-License-Identifier: ISC */
/* xml/xml_doc.c: trees, limits, and what must be refused. */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/err.h"
#include "base/sbuf.h"
#include "config.h"
#include "xml/xml_doc.h"
#include "xml/xml_heap.h"

static int parse(const char *text, const struct xml_node **root)
{
    return xml_doc_parse(span_str(text), root);
}

static void test_tree(void **state)
{
    const struct xml_node *root;
    const struct xml_node *b;

    (void)state;
    assert_int_equal(parse("<?xml version=\"1.0\"?>\n<p:a xmlns:p='u1' xmlns='u2'>\n"
                           " <b p:Name=\"n\" x='1'> hi &amp; <!-- c -->&#x41;</b>\n"
                           "<p:b>2</p:b><b/></p:a>",
                           &root),
                     0);
    assert_true(xml_is(root, "u1", "a"));
    assert_int_equal(root->text.len, 0);
    b = xml_child(root, "u2", "b");
    assert_non_null(b);
    assert_true(span_equal_str(b->text, " hi & A"));
    assert_true(span_equal_str(xml_attribute(b, "Name")->value, "n"));
    assert_true(span_equal_str(xml_attribute(b, "Name")->ns, "u1"));
    assert_null(xml_attribute(b, "y"));
    assert_true(span_equal_str(xml_child_text(root, "u1", "b"), "2"));
    b = xml_same_next(b);
    assert_non_null(b);
    assert_int_equal(b->text.len, 0);
    assert_null(xml_same_next(b));
    assert_null(xml_child(NULL, "u1", "b"));
    assert_int_equal(xml_child_text(NULL, "u1", "b").len, 0);
}

static void test_not_well_formed(void **state)
{
    static const char *const bad[] = {
        "",
        " ",
        "<a>",
        "<a></b>",
        "<a/><b/>",
        "<a b=1/>",
        "<p:a/>",
        "<a>&nope;</a>",
        "<a>\x01</a>",
        "<a>\xff</a>",
        "text",
        "<a><![CDATA[x</a>",
        "<a b='1' b='2'/>",
    };
    const struct xml_node *root;

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_int_equal(parse(bad[i], &root), ERR_INVALID);
    }
    assert_int_equal(xml_doc_parse(span_of("<a\0/>", 5), &root), ERR_INVALID);
}

static void test_doctype_and_entities_are_refused(void **state)
{
    static const char *const bad[] = {
        "<!DOCTYPE a><a/>",
        "<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>",
        "<!DOCTYPE a SYSTEM 'file:///etc/passwd'><a/>",
        "<!DOCTYPE a [<!ENTITY a '1'><!ENTITY b '&a;&a;'><!ENTITY c "
        "'&b;&b;'>]><a>&c;</a>",
    };
    const struct xml_node *root;

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_int_equal(parse(bad[i], &root), ERR_INVALID);
    }
}

/* n copies of `part` between `head` and `tail`. */
static int parse_repeated(const char *head, const char *part, size_t n, const char *tail)
{
    size_t cap = strlen(head) + strlen(part) * n + strlen(tail) + 1;
    uint8_t *text = malloc(cap);
    const struct xml_node *root;
    struct sbuf b;
    int result;

    sbuf_init(&b, text, cap);
    sbuf_put_str(&b, head);
    for (size_t i = 0; i < n; i++) {
        sbuf_put_str(&b, part);
    }
    sbuf_put_str(&b, tail);
    result = xml_doc_parse(sbuf_span(&b), &root);
    free(text);
    return result;
}

static void test_limits(void **state)
{
    (void)state;
    assert_int_equal(parse_repeated("<r>", "<a/>", CONFIG_XML_NODES - 1, "</r>"), 0);
    assert_int_equal(parse_repeated("<r>", "<a/>", CONFIG_XML_NODES, "</r>"),
                     ERR_TOO_BIG);
    assert_int_equal(parse_repeated("", "<a>", CONFIG_XML_DEPTH + 1, ""), ERR_TOO_BIG);
    assert_int_equal(parse_repeated("", "<a>", 10000, ""), ERR_TOO_BIG);
    assert_int_equal(parse_repeated("<r>", "x", CONFIG_HTTP_BODY_CAP - 7, "</r>"), 0);
    assert_int_equal(parse_repeated("<r>", "x", CONFIG_HTTP_BODY_CAP, "</r>"),
                     ERR_TOO_BIG);
    assert_int_equal(parse_repeated("<r>", "\n", 60000, "</r>"), 0);
}

/* More namespaces than are remembered once: the rest is stored with each element, and the room
 * for that is limited too. */
static void test_namespaces_are_bounded(void **state)
{
    enum { NAMESPACES = 40, LONG = 40000 };
    char head[LONG + NAMESPACES * 32];
    size_t len = (size_t)snprintf(head, sizeof(head), "<r");

    (void)state;
    for (int i = 0; i < NAMESPACES; i++) {
        len += (size_t)snprintf(head + len, sizeof(head) - len, " xmlns:n%d='u%d'", i, i);
    }
    len += (size_t)snprintf(head + len, sizeof(head) - len, " xmlns:q='");
    memset(head + len, 'u', LONG);
    len += LONG;
    len += (size_t)snprintf(head + len, sizeof(head) - len, "'>");
    for (int i = 0; i < NAMESPACES; i++) { /* these are the ones remembered */
        len += (size_t)snprintf(head + len, sizeof(head) - len, "<n%d:a/>", i);
    }
    assert_true(len < sizeof(head));
    assert_int_equal(parse_repeated(head, "<q:a/>", 2, "</r>"), 0);
    assert_int_equal(parse_repeated(head, "<q:a/>", 3, "</r>"), ERR_TOO_BIG);
    assert_int_equal(parse_repeated(head, "<q:a/>", 500, "</r>"), ERR_TOO_BIG);
}

static void test_attribute_limit(void **state)
{
    uint8_t raw[1024];
    const struct xml_node *root;
    struct sbuf b;

    (void)state;
    for (unsigned n = CONFIG_XML_ATTRIBUTES; n <= CONFIG_XML_ATTRIBUTES + 1; n++) {
        sbuf_init(&b, raw, sizeof(raw));
        sbuf_put_str(&b, "<a");
        for (unsigned i = 0; i < n; i++) {
            sbuf_printf(&b, " a%u='x'", i);
        }
        sbuf_put_str(&b, "/>");
        assert_int_equal(xml_doc_parse(sbuf_span(&b), &root),
                         n > CONFIG_XML_ATTRIBUTES ? ERR_TOO_BIG : 0);
    }
}

/* Every allocation of expat fails once: an error each time, and then a good parse. */
static void test_heap_exhaustion_is_an_error(void **state)
{
    static const char text[] = "<a xmlns:q='u' b='1'><q:c>text</q:c><q:c/></a>";
    const struct xml_node *root;
    size_t n = 1;
    int result;

    (void)state;
    do {
        xml_heap_fail_at(n++);
        result = parse(text, &root);
        assert_true(result == 0 || result == ERR_TOO_BIG);
    } while (result != 0 && n < 1000);
    xml_heap_fail_at(0);
    assert_int_equal(result, 0);
    assert_true(n > 5);
    assert_int_equal(parse(text, &root), 0);
    assert_true(xml_heap_high_water() > sizeof(text));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tree),
        cmocka_unit_test(test_not_well_formed),
        cmocka_unit_test(test_doctype_and_entities_are_refused),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_namespaces_are_bounded),
        cmocka_unit_test(test_attribute_limit),
        cmocka_unit_test(test_heap_exhaustion_is_an_error),
    };

    xml_doc_init(1);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
