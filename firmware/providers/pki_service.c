/* SPDX-License-Identifier: ISC */
/* AMT_PublicKeyManagementService: keys, certificates and revoked ones come in here. */
#include "audit/audit_event.h"
#include "base/err.h"
#include "base/util.h"
#include "cim/schema.h"
#include "config.h"
#include "crypto/x509.h"
#include "pki/pki.h"
#include "providers/pki_name.h"
#include "providers/provider.h"

enum { ALGORITHM_RSA = 0, SIGN_SHA256 = 1, SIGN_SHA384 = 2, SERIAL_CAP = 32 };

/* A result of pki.h; `invalid` is what ERR_INVALID means here. */
static uint32_t status_of(int result, uint32_t invalid)
{
    switch (result) {
    case ERR_INVALID:
        return invalid;
    case ERR_EXISTS:
        return PT_STATUS_DUPLICATE;
    case ERR_FULL:
        return PT_STATUS_MAX_LIMIT_REACHED;
    case ERR_BUSY:
        return PT_STATUS_PKI_GENERATING_KEYS;
    case ERR_NOT_FOUND:
        return PT_STATUS_INVALID_HANDLE;
    case ERR_DENIED:
        return PT_STATUS_CERT_KEY_NOT_MATCH;
    case ERR_UNSUPPORTED:
        return PT_STATUS_UNSUPPORTED;
    default:
        return result < 0 ? (uint32_t)PT_STATUS_INTERNAL_ERROR : PT_STATUS_SUCCESS;
    }
}

static struct span octets(const struct cim_call *call, const char *name)
{
    const struct cim_value *value = cim_bag_get(call->in, name, 0);
    return value != NULL ? value->bytes : span_of(NULL, 0);
}

static uint32_t add_certificate(struct cim_call *call, bool is_root)
{
    static struct x509_info info;
    struct span der = octets(call, "CertificateBlob");
    if (x509_parse(der, &info) < 0) {
        return PT_STATUS_INVALID_CERT;
    }
    if (is_root && provider_audit(call->caller, AUDIT_TLS_ROOT_ADDED, info.serial) !=
                       PT_STATUS_SUCCESS) {
        return PT_STATUS_AUDIT_FAIL;
    }
    int handle = pki_add_certificate(der, is_root);
    if (handle > 0) {
        pki_name_set_certificate(call->out, "CreatedCertificate", (uint32_t)handle);
    }
    return status_of(handle, PT_STATUS_INVALID_CERT);
}

static uint32_t add_key(struct cim_call *call)
{
    int handle = pki_add_key(octets(call, "KeyBlob"));
    if (handle > 0) {
        pki_name_set_key(call->out, "CreatedKey", (uint32_t)handle);
    }
    return status_of(handle, PT_STATUS_INVALID_KEY);
}

static void on_key(void *context, int result)
{
    struct cim_call *call = context;
    if (result > 0) {
        pki_name_set_key(call->out, "KeyPair", (uint32_t)result);
    }
    call->return_value = status_of(result, PT_STATUS_INTERNAL_ERROR);
    call->done(call);
}

static int generate(struct cim_call *call)
{
    uint64_t bits = cim_get_uint(call->in, "KeyLength", 0);
    if (cim_get_uint(call->in, "KeyAlgorithm", UINT32_MAX) != ALGORITHM_RSA) {
        call->return_value = PT_STATUS_INVALID_PARAMETER;
        return CIM_OK;
    }
    int result = pki_generate_key((unsigned)bits, on_key, call);
    if (result == 0) {
        return CIM_PENDING;
    }
    call->return_value = status_of(result, PT_STATUS_INVALID_PARAMETER);
    return CIM_OK;
}

static uint32_t sign_request(struct cim_call *call)
{
    static uint8_t bytes[CONFIG_PKI_CERTIFICATE_CAP];
    const struct cim_value *key = cim_bag_get(call->in, "KeyPair", 0);
    uint64_t algorithm = cim_get_uint(call->in, "SigningAlgorithm", 0);
    unsigned sha_bits = algorithm == SIGN_SHA256   ? 256
                        : algorithm == SIGN_SHA384 ? 384
                                                   : 0;
    struct sbuf out;
    sbuf_init(&out, bytes, sizeof(bytes));
    int result = pki_sign_request(pki_name_key(key->path), sha_bits,
                                  octets(call, "NullSignedCertificateRequest"), &out);
    if (result == 0) {
        cim_set_octets(call->out, "SignedCertificateRequest", sbuf_span(&out));
    }
    return status_of(result, PT_STATUS_INVALID_PARAMETER);
}

static int digit_of(uint8_t c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

/* "01:AB ef": hexadecimal digits in pairs, separators between them or not. */
static int read_serial(struct span text, uint8_t dst[SERIAL_CAP])
{
    size_t len = 0;
    int high = -1;
    for (size_t i = 0; i < text.len; i++) {
        int digit = digit_of(text.ptr[i]);
        if (digit < 0 && high < 0 && (text.ptr[i] == ':' || text.ptr[i] == ' ')) {
            continue;
        }
        if (digit < 0 || len == SERIAL_CAP) {
            return ERR_INVALID;
        }
        if (high < 0) {
            high = digit;
            continue;
        }
        dst[len++] = (uint8_t)(high << 4 | digit);
        high = -1;
    }
    return high < 0 && len > 0 ? (int)len : ERR_INVALID;
}

static uint32_t add_crl(struct cim_call *call)
{
    static uint8_t bytes[CONFIG_PKI_REVOKED][SERIAL_CAP];
    struct span serials[CONFIG_PKI_REVOKED];
    size_t count = cim_bag_count(call->in, "SerialNumbers");
    if (count > CONFIG_PKI_REVOKED) {
        return PT_STATUS_MAX_LIMIT_REACHED;
    }
    for (size_t i = 0; i < count; i++) {
        int len = read_serial(cim_bag_get(call->in, "SerialNumbers", i)->bytes, bytes[i]);
        if (len < 0) {
            return PT_STATUS_INVALID_PARAMETER;
        }
        serials[i] = span_of(bytes[i], (size_t)len);
    }
    return status_of(pki_crl_set(cim_get_text(call->in, "Url"), serials, count),
                     PT_STATUS_INVALID_PARAMETER);
}

static int invoke(size_t index, struct cim_call *call)
{
    (void)index;
    if (provider_is(call, "GenerateKeyPair")) {
        return generate(call);
    }
    if (provider_is(call, "AddCertificate")) {
        call->return_value = add_certificate(call, false);
    } else if (provider_is(call, "AddTrustedRootCertificate")) {
        call->return_value = add_certificate(call, true);
    } else if (provider_is(call, "AddKey")) {
        call->return_value = add_key(call);
    } else if (provider_is(call, "GeneratePKCS10RequestEx")) {
        call->return_value = sign_request(call);
    } else if (provider_is(call, "AddCRL")) {
        call->return_value = add_crl(call);
    } else if (provider_is(call, "ResetCRLList")) {
        call->return_value = status_of(pki_crl_reset(), PT_STATUS_INTERNAL_ERROR);
    } else { /* inherited: the service cannot be switched off */
        return provider_return(call, PT_STATUS_NOT_PERMITTED);
    }
    return CIM_OK;
}

static void cancel(struct cim_call *call)
{
    pki_generate_cancel(call);
}

const struct cim_provider pki_service_provider = {
    .class = &AMT_PublicKeyManagementService_class, .invoke = invoke, .cancel = cancel};
