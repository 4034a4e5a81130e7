/* SPDX-License-Identifier: ISC */
/* Namespaces, actions and well-known URIs of SOAP 1.2, WS-Addressing, WS-Transfer,
 * WS-Enumeration and WS-Management (DSP0226, DSP0227). */
#ifndef VAMT_WSMAN_WSMAN_NAMES_H
#define VAMT_WSMAN_WSMAN_NAMES_H

#define WSMAN_NS_SOAP       "http://www.w3.org/2003/05/soap-envelope"
#define WSMAN_NS_ADDRESSING "http://schemas.xmlsoap.org/ws/2004/08/addressing"
#define WSMAN_NS_WSMAN      "http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd"
#define WSMAN_NS_TRUST      "http://schemas.xmlsoap.org/ws/2005/02/trust"
#define WSMAN_NS_SECEXT \
    "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
#define WSMAN_NS_CIMBINDING  "http://schemas.dmtf.org/wbem/wsman/1/cimbinding.xsd"
#define WSMAN_NS_ENUMERATION "http://schemas.xmlsoap.org/ws/2004/09/enumeration"
#define WSMAN_NS_TRANSFER    "http://schemas.xmlsoap.org/ws/2004/09/transfer"
#define WSMAN_NS_EVENTING    "http://schemas.xmlsoap.org/ws/2004/08/eventing"
#define WSMAN_NS_COMMON      "http://schemas.dmtf.org/wbem/wscim/1/common"
#define WSMAN_NS_XSI         "http://www.w3.org/2001/XMLSchema-instance"
#define WSMAN_NS_IDENTITY \
    "http://schemas.dmtf.org/wbem/wsman/identity/1/wsmanidentity.xsd"
#define WSMAN_NS_DASH "http://schemas.dmtf.org/wbem/dash/1/dash.xsd"

#define WSMAN_ANONYMOUS WSMAN_NS_ADDRESSING "/role/anonymous"

/* wsman:FaultDetail values (DSP0226, clause 14.6). */
#define WSMAN_DETAIL "http://schemas.dmtf.org/wbem/wsman/1/wsman/faultDetail/"

#endif
