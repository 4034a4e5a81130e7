/* SPDX-License-Identifier: ISC */
/*
 * A request envelope, checked: which action on which resource, with which selectors and
 * body. It is valid as long as the document it was read from (see xml_doc.h).
 */
#ifndef VAMT_WSMAN_WSMAN_REQUEST_H
#define VAMT_WSMAN_WSMAN_REQUEST_H

#include "base/span.h"
#include "cim/cim_bag.h"
#include "wsman/wsman_fault.h"
#include "xml/xml_doc.h"

enum wsman_action {
    WSMAN_ACTION_IDENTIFY,
    WSMAN_ACTION_GET,
    WSMAN_ACTION_PUT,
    WSMAN_ACTION_CREATE,
    WSMAN_ACTION_DELETE,
    WSMAN_ACTION_ENUMERATE,
    WSMAN_ACTION_PULL,
    WSMAN_ACTION_RELEASE,
    WSMAN_ACTION_INVOKE,
    WSMAN_ACTION_OTHER /* well-formed, but not offered: Subscribe, ... */
};

/* References inside references, and in the body, of one request. */
enum { WSMAN_REQUEST_PATHS = 8 };

struct wsman_request {
    enum wsman_action action;
    struct span message_id; /* empty if the request has none */
    struct span resource_uri;
    struct span method;                         /* INVOKE: last part of the action */
    struct cim_path path;                       /* class NULL: not in our schema */
    const struct xml_node *body;                /* first element of the body, or NULL */
    struct cim_path paths[WSMAN_REQUEST_PATHS]; /* storage for references */
    size_t path_count;
};

/* Read an envelope. WSMAN_FAULT_NONE, or the fault to answer with (message_id is set as far as it
 * was found). */
enum wsman_fault wsman_request_parse(struct wsman_request *request,
                                     const struct xml_node *root);
/* Read an endpoint reference: `node` holds Address and ReferenceParameters, or an
 * EndpointReference that does. The path is stored in the request. */
enum wsman_fault wsman_request_reference(struct wsman_request *request,
                                         const struct xml_node *node,
                                         const struct cim_path **path);

#endif
