/* SPDX-License-Identifier: ISC */
/* Reply heads and pages. */
#include "http/http_reply.h"

#include "account/digest_auth.h"
#include "base/date.h"
#include "settings/identity.h"

struct status_text {
    unsigned status;
    const char *reason;
    const char *words; /* for the page; NULL: no page of ours has this status */
};

static const struct status_text texts[] = {
    {200, "OK", NULL},
    {400, "Bad Request", "The request could not be understood."},
    {401, "Unauthorized",
     "The logon failed, or this account is locked for a while. Check the user name "
     "and the password, then try again."},
    {404, "Not Found", "There is no such page on this computer."},
    {405, "Method Not Allowed", "This page does not take that kind of request."},
    {408, "Request Timeout", "The request did not arrive in time."},
    {413, "Content Too Large", "The request is too large."},
    {431, "Request Header Fields Too Large", "The header of the request is too large."},
    {500, "Internal Server Error", "The request could not be served."},
    {501, "Not Implemented", "The request is coded in a way that is not supported."},
    {503, "Service Unavailable", "The computer is busy. Try again later."},
    {505, "HTTP Version Not Supported", "This version of HTTP is not supported."},
};

static const struct status_text *find_text(unsigned status)
{
    static const struct status_text other = {0, "Status", "The request was refused."};

    for (size_t i = 0; i < UTIL_COUNT(texts); i++) {
        if (texts[i].status == status) {
            return &texts[i];
        }
    }
    return &other;
}

static void put_status_line(struct sbuf *out, unsigned status)
{
    sbuf_printf(out, "HTTP/1.1 %u %s\r\n", status, find_text(status)->reason);
}

static void put_date(struct sbuf *out, int64_t wall_s)
{
    sbuf_put_str(out, "Date: ");
    date_put_http(out, wall_s);
    sbuf_put_str(out, "\r\n");
}

static void put_server(struct sbuf *out)
{
    sbuf_printf(out, "Server: Intel(R) Active Management Technology %s\r\n",
                identity_version());
}

void http_reply_put_head(struct sbuf *out, const struct http_reply_head *head)
{
    put_status_line(out, head->status);
    put_date(out, head->wall_s);
    put_server(out);
    sbuf_put_str(out, "X-Frame-Options: DENY\r\n");
    sbuf_put_str(out, head->type == HTTP_TYPE_SOAP
                          ? "Content-Type: application/soap+xml; charset=UTF-8\r\n"
                          : "Content-Type: text/html\r\n");
    if (head->is_chunked) {
        sbuf_put_str(out, "Transfer-Encoding: chunked\r\n");
    } else {
        sbuf_printf(out, "Content-Length: %zu\r\n", head->body_len);
    }
    if (head->is_last || !head->is_chunked) {
        sbuf_put_str(out, "Connection: close\r\n");
    }
    sbuf_put_str(out, "\r\n");
    if (head->is_chunked && head->body_len > 0) {
        sbuf_put_hex(out, head->body_len, 4, true);
        sbuf_put_str(out, "\r\n");
    }
}

void http_reply_put_tail(struct sbuf *out, const struct http_reply_head *head)
{
    if (head->is_chunked) {
        sbuf_put_str(out, head->body_len > 0 ? "\r\n0\r\n\r\n" : "0\r\n\r\n");
    }
}

static void put_page_body(struct sbuf *out, unsigned status)
{
    const struct status_text *text = find_text(status);

    sbuf_put_str(
        out, "<!DOCTYPE HTML PUBLIC \"-//W3C//DTD HTML 4.01 Transitional//EN\">\r\n"
             "<html><head><title>Intel&reg; Active Management Technology</title>\r\n"
             "<link rel=\"stylesheet\" type=\"text/css\" href=\"/styles.css\"></head>\r\n"
             "<body><p><img src=\"logo.gif\" alt=\"\"></p>\r\n");
    sbuf_printf(out, "<h2 class=\"warn\">%s</h2>\r\n", text->words);
    if (status == 401) {
        sbuf_put_str(out,
                     "<form method=\"GET\" action=\"index.htm\">"
                     "<p><input type=\"submit\" value=\"Try again\"></p></form>\r\n");
    }
    sbuf_put_str(out, "</body></html>");
}

void http_reply_put_page(struct sbuf *out, const struct http_reply_page *page)
{
    struct sbuf body;

    sbuf_init_counting(&body);
    put_page_body(&body, page->status);
    put_status_line(out, page->status);
    if (page->status == 401) {
        sbuf_put_str(out, "WWW-Authenticate: ");
        digest_auth_put_challenge(out, page->is_stale);
        sbuf_put_str(out, "\r\nContent-Type: text/html\r\n");
        put_server(out);
        if (page->wait_s > 0) { /* not last: a header block must not end in a zero */
            sbuf_printf(out, "Retry-After: %u\r\n", (unsigned)page->wait_s);
        }
    } else {
        put_date(out, page->wall_s);
        put_server(out);
        sbuf_put_str(out, "X-Frame-Options: DENY\r\nContent-Type: text/html\r\n");
    }
    if (page->status == 405) {
        sbuf_put_str(out, "Allow: ");
        sbuf_put(out, page->allow);
        sbuf_put_str(out, "\r\n");
    }
    sbuf_printf(out, "Content-Length: %zu\r\nConnection: close\r\n\r\n", body.len);
    if (!page->is_head_only) {
        put_page_body(out, page->status);
    }
}

struct span http_reply_continue(void)
{
    return span_str("HTTP/1.1 100 Continue\r\n\r\n");
}

void http_reply_send(struct http_exchange *x, unsigned status, enum http_type type)
{
    x->status = status;
    x->type = type;
    x->finish(x);
}
