/* SPDX-License-Identifier: ISC */
/*
 * Collects the head in the caller's buffer, a line at a time, and reads its meaning when
 * the empty line has come. Lines are kept in the buffer as `text LF`.
 */
#include "http/http_head.h"

#include "base/err.h"

enum {
    BLANK_CAP = 8, /* RFC 9112 clause 2.2: some clients send an empty line first */
    METHOD_CAP = 32,
    DELETE = 0x7f
};

void http_head_init(struct http_head *h, void *ptr, size_t cap)
{
    *h = (struct http_head){.ptr = ptr, .cap = cap};
}

void http_head_reset(struct http_head *h)
{
    http_head_init(h, h->ptr, h->cap);
}

bool http_head_is_empty(const struct http_head *h)
{
    return h->len == 0 && h->blank_count == 0 && !h->had_cr;
}

/* RFC 9110 clause 5.6.2. */
static bool is_token_char(uint8_t c)
{
    static const char marks[] = "!#$%&'*+-.^_`|~";

    if ((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z')) {
        return true;
    }
    return span_find(span_of(marks, sizeof(marks) - 1), c) < sizeof(marks) - 1;
}

static bool is_token(struct span s)
{
    for (size_t i = 0; i < s.len; i++) {
        if (!is_token_char(s.ptr[i])) {
            return false;
        }
    }
    return s.len > 0;
}

/* Absolute-form to path and query; origin-form as it is. */
static int split_target(struct http_head *h)
{
    struct span rest = h->target;
    size_t mark;

    for (size_t i = 0; i < rest.len; i++) {
        if (rest.ptr[i] <= ' ' || rest.ptr[i] >= DELETE || rest.ptr[i] == '#') {
            return ERR_INVALID;
        }
    }
    if (span_equal_nocase(span_slice(rest, 0, 7), "http://")) {
        rest = span_slice(rest, 7, rest.len);
    } else if (span_equal_nocase(span_slice(rest, 0, 8), "https://")) {
        rest = span_slice(rest, 8, rest.len);
    } else if (!span_starts_with(rest, "/") && !span_equal_str(rest, "*")) {
        return ERR_INVALID;
    }
    if (rest.ptr != h->target.ptr) {
        mark = 0;
        while (mark < rest.len && rest.ptr[mark] != '/' && rest.ptr[mark] != '?') {
            mark++;
        }
        if (mark == 0) {
            return ERR_INVALID;
        }
        rest = span_slice(rest, mark, rest.len);
    }
    mark = span_find(rest, '?');
    h->path = span_slice(rest, 0, mark);
    h->query = span_slice(rest, mark + 1, rest.len);
    if (h->path.len == 0) {
        h->path = span_str("/");
    }
    return 0;
}

static bool is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

/* method SP request-target SP "HTTP/" DIGIT "." DIGIT */
static int read_request_line(struct http_head *h, struct span line)
{
    size_t first = span_find(line, ' ');
    struct span rest = span_slice(line, first + 1, line.len);
    size_t second = span_find(rest, ' ');
    struct span version = span_slice(rest, second + 1, rest.len);

    h->method = span_slice(line, 0, first);
    h->target = span_slice(rest, 0, second);
    if (h->method.len > METHOD_CAP || !is_token(h->method) || h->target.len == 0) {
        return ERR_INVALID;
    }
    if (version.len != 8 || !span_starts_with(version, "HTTP/") ||
        !is_digit(version.ptr[5]) || version.ptr[6] != '.' || !is_digit(version.ptr[7])) {
        return ERR_INVALID;
    }
    if (version.ptr[5] != '1') {
        return ERR_UNSUPPORTED;
    }
    h->minor = version.ptr[7] == '0' ? 0 : 1;
    return split_target(h);
}

/* token ":" OWS value OWS; white space before the colon and folded lines are refused
 * (RFC 9112 clauses 5.1 and 5.2). */
static int check_field_line(struct span line)
{
    size_t colon = span_find(line, ':');

    if (colon == line.len || !is_token(span_slice(line, 0, colon))) {
        return ERR_INVALID;
    }
    return 0;
}

bool http_head_next(const struct http_head *h, size_t *at, struct span *name,
                    struct span *value)
{
    struct span rest = span_slice(span_of(h->ptr, h->len), h->fields_at + *at, h->len);
    size_t end = span_find(rest, '\n');
    struct span line = span_slice(rest, 0, end);
    size_t colon = span_find(line, ':');

    if (line.len == 0 || colon == line.len) {
        return false;
    }
    *at += end + 1;
    *name = span_slice(line, 0, colon);
    *value = span_trim(span_slice(line, colon + 1, line.len));
    return true;
}

struct span http_head_find(const struct http_head *h, const char *name, size_t *count)
{
    struct span found = {NULL, 0};
    struct span field;
    struct span value;
    size_t seen = 0;
    size_t at = 0;

    while (http_head_next(h, &at, &field, &value)) {
        if (span_equal_nocase(field, name)) {
            found = seen == 0 ? value : found;
            seen++;
        }
    }
    if (count != NULL) {
        *count = seen;
    }
    return found;
}

bool http_head_has_token(struct span list, const char *token)
{
    while (list.len > 0) {
        size_t comma = span_find(list, ',');

        if (span_equal_nocase(span_trim(span_slice(list, 0, comma)), token)) {
            return true;
        }
        list = span_slice(list, comma + 1, list.len);
    }
    return false;
}

/* Only digits; a number beyond 64 bits is as good as the largest one (it becomes a
 * 413). */
static int read_length(struct span text, uint64_t *length)
{
    for (size_t i = 0; i < text.len; i++) {
        if (!is_digit(text.ptr[i])) {
            return ERR_INVALID;
        }
    }
    if (text.len == 0) {
        return ERR_INVALID;
    }
    if (!span_to_uint(text, UINT64_MAX, length)) {
        *length = UINT64_MAX;
    }
    return 0;
}

/* RFC 9112 clause 6. Any doubt about the end of the body is an error: repeated or both
 * framing fields, another coding than chunked, chunked from an HTTP/1.0 client. */
static int read_framing(struct http_head *h)
{
    size_t lengths = 0;
    size_t codings = 0;
    struct span length = http_head_find(h, "Content-Length", &lengths);
    struct span coding = http_head_find(h, "Transfer-Encoding", &codings);

    if (lengths + codings > 1) {
        return ERR_INVALID;
    }
    if (codings == 1) {
        if (h->minor == 0) {
            return ERR_INVALID;
        }
        h->framing = HTTP_FRAMING_CHUNKED;
        return span_equal_nocase(coding, "chunked") ? 0 : ERR_UNSUPPORTED;
    }
    if (lengths == 1) {
        h->framing = HTTP_FRAMING_LENGTH;
        return read_length(length, &h->length);
    }
    return 0;
}

static void read_connection(struct http_head *h)
{
    struct span name;
    struct span value;
    size_t at = 0;

    h->keep_alive = h->minor > 0;
    while (http_head_next(h, &at, &name, &value)) {
        if (span_equal_nocase(name, "Connection") &&
            http_head_has_token(value, "close")) {
            h->keep_alive = false;
        } else if (span_equal_nocase(name, "Expect") && h->minor > 0 &&
                   span_equal_nocase(value, "100-continue")) {
            h->expects_continue = true;
        }
    }
}

static int read_meaning(struct http_head *h)
{
    size_t hosts = 0;
    int result;

    http_head_find(h, "Host", &hosts);
    if (hosts > 1 || (hosts == 0 && h->minor > 0)) {
        return ERR_INVALID; /* RFC 9112 clause 3.2 */
    }
    result = read_framing(h);
    if (result == 0) {
        read_connection(h);
    }
    return result;
}

/* A line has come (without its end). 1: it was the last. */
static int end_line(struct http_head *h)
{
    struct span line = span_slice(span_of(h->ptr, h->len), h->line_at,
                                  h->len - h->line_at);
    int result;

    if (line.len == 0 && h->fields_at == 0) {
        return h->blank_count > BLANK_CAP ? ERR_INVALID : 0;
    }
    if (line.len == 0) {
        h->is_done = true;
        result = read_meaning(h);
        return result == 0 ? 1 : result;
    }
    result = h->fields_at == 0 ? read_request_line(h, line) : check_field_line(line);
    if (result < 0) {
        return result;
    }
    if (h->len == h->cap) {
        return ERR_TOO_BIG;
    }
    h->ptr[h->len++] = '\n';
    h->line_at = h->len;
    h->fields_at = h->fields_at == 0 ? h->len : h->fields_at;
    return 0;
}

/* Control characters other than a tab in a field have no place in a head (RFC 9110
 * clause 5.5), and a CR only before LF. */
static int push_byte(struct http_head *h, uint8_t c)
{
    if (c == '\n') {
        h->had_cr = false;
        h->blank_count += h->fields_at == 0 && h->len == 0;
        return end_line(h);
    }
    if (h->had_cr || (c < ' ' && c != '\r' && c != '\t') || c == DELETE) {
        return ERR_INVALID;
    }
    if (c == '\r') {
        h->had_cr = true;
        return 0;
    }
    if (h->len == h->cap) {
        return ERR_TOO_BIG;
    }
    h->ptr[h->len++] = c;
    return 0;
}

static unsigned status_of(const struct http_head *h, int error)
{
    switch (error) {
    case ERR_TOO_BIG:
        return 431;
    case ERR_UNSUPPORTED:
        return h->fields_at == 0 ? 505 : 501;
    default:
        return 400;
    }
}

int http_head_push(struct http_head *h, struct span bytes, size_t *taken)
{
    int result = h->is_done ? ERR_INVALID : 0;
    size_t i = 0;

    while (result == 0 && i < bytes.len) {
        result = push_byte(h, bytes.ptr[i++]);
    }
    if (result < 0) {
        h->status = status_of(h, result);
    }
    h->is_done = result != 0;
    *taken = i;
    return result;
}
