/* SPDX-License-Identifier: ISC */
/* IPS_ProvisioningRecordLog and its records, one class for each way of being set up. */
#include "base/sbuf.h"
#include "cim/schema.h"
#include "config.h"
#include "providers/provider.h"
#include "setup/setup_record.h"

#define LOG_ID "Intel(r) AMT:Provisioning Record Log 0"

enum { ENABLED = 2, REQUESTED_NOT_APPLICABLE = 12, WRAPS = 2, NORMAL = 2 };
enum { HASH_SHA256 = 2, ID_CAP = 48 };

static int read_log(size_t index, struct cim_bag *out)
{
    (void)index;
    cim_set_uint(out, "CurrentNumberOfRecords", setup_record_count(SETUP_RECORD_KINDS));
    cim_set_text(out, "ElementName", "Intel(r) AMT Provisioning Record Log");
    cim_set_uint(out, "EnabledState", ENABLED);
    cim_set_text(out, "InstanceID", LOG_ID);
    cim_set_uint(out, "LogState", NORMAL);
    cim_set_uint(out, "MaxNumberOfRecords", CONFIG_SETUP_RECORDS);
    cim_set_text(out, "Name", "Intel(r) AMT Provisioning Record Log");
    cim_set_uint(out, "OverwritePolicy", WRAPS);
    cim_set_uint(out, "RequestedState", REQUESTED_NOT_APPLICABLE);
    return CIM_OK;
}

/* The log is there to be kept. */
static int invoke_log(size_t index, struct cim_call *call)
{
    (void)index;
    return provider_return(call, PT_STATUS_UNSUPPORTED);
}

const struct cim_provider provisioning_record_log_provider = {
    .class = &IPS_ProvisioningRecordLog_class, .read = read_log, .invoke = invoke_log};

/* What all kinds have. NULL: it has gone. */
static const struct setup_record *read_common(enum setup_record_kind kind, size_t index,
                                              struct cim_bag *out)
{
    const struct setup_record *record = setup_record_at(kind, index);
    char text[ID_CAP];
    struct sbuf id;

    if (record == NULL) {
        return NULL;
    }
    sbuf_init(&id, text, sizeof(text));
    sbuf_printf(&id, "Intel(r) AMT:Provisioning Record %u", (unsigned)record->id);
    cim_set_span(out, "InstanceID", sbuf_span(&id));
    sbuf_reset(&id);
    sbuf_printf(&id, "%u", (unsigned)record->id);
    cim_set_span(out, "RecordID", sbuf_span(&id));
    cim_set_text(out, "ElementName", "Intel(r) AMT Provisioning Record");
    cim_set_text(out, "LogInstanceID", LOG_ID);
    cim_set_text(out, "LogName", "Intel(r) AMT Provisioning Record Log");
    cim_set_datetime(out, "CreationTimeStamp", record->time_s);
    return record;
}

static size_t count_admin(void)
{
    return setup_record_count(SETUP_RECORD_ADMIN);
}

static int read_admin(size_t index, struct cim_bag *out)
{
    const struct setup_record *record = read_common(SETUP_RECORD_ADMIN, index, out);
    char hex[2 * SETUP_RECORD_SERIALS_CAP];
    struct sbuf serials;

    if (record == NULL) {
        return CIM_ERR_NOT_FOUND;
    }
    sbuf_init(&serials, hex, sizeof(hex));
    sbuf_put_hex_bytes(&serials, span_of(record->serials, record->serials_len), true);
    cim_set_boolean(out, "AdditionalCaSerialNums", record->has_more_serials);
    cim_set_span(out, "CaCertificateSerials", sbuf_span(&serials));
    cim_set_text(out, "CertificateCN", record->common_name);
    cim_set_boolean(out, "HashIsOemDefault", true);
    cim_set_boolean(out, "SecureDNS", false);
    cim_set_octets(out, "SelectedHashData", span_of(record->hash, record->hash_len));
    cim_set_uint(out, "SelectedHashType", HASH_SHA256);
    return CIM_OK;
}

static size_t count_client(void)
{
    return setup_record_count(SETUP_RECORD_CLIENT);
}

static int read_client(size_t index, struct cim_bag *out)
{
    const struct setup_record *record = read_common(SETUP_RECORD_CLIENT, index, out);

    if (record == NULL) {
        return CIM_ERR_NOT_FOUND;
    }
    if (record->hash_len > 0) {
        cim_set_uint(out, "HashAlgorithm", HASH_SHA256);
        cim_set_octets(out, "ProvCertificateHash",
                       span_of(record->hash, record->hash_len));
    }
    return CIM_OK;
}

static size_t count_manual(void)
{
    return setup_record_count(SETUP_RECORD_MANUAL);
}

static int read_manual(size_t index, struct cim_bag *out)
{
    return read_common(SETUP_RECORD_MANUAL, index, out) != NULL ? CIM_OK
                                                                : CIM_ERR_NOT_FOUND;
}

/* Neither TLS nor an applet sets this device up. */
static size_t count_none(void)
{
    return 0;
}

static int read_none(size_t index, struct cim_bag *out)
{
    (void)index;
    (void)out;
    return CIM_ERR_NOT_FOUND;
}

const struct cim_provider provisioning_record_admin_provider = {
    .class = &IPS_AdminProvisioningRecord_class,
    .count = count_admin,
    .read = read_admin};
const struct cim_provider provisioning_record_client_provider = {
    .class = &IPS_ClientProvisioningRecord_class,
    .count = count_client,
    .read = read_client};
const struct cim_provider provisioning_record_manual_provider = {
    .class = &IPS_ManualProvisioningRecord_class,
    .count = count_manual,
    .read = read_manual};
const struct cim_provider provisioning_record_tls_provider = {
    .class = &IPS_TLSProvisioningRecord_class, .count = count_none, .read = read_none};
const struct cim_provider provisioning_record_dal_provider = {
    .class = &IPS_DALProvisioningRecord_class, .count = count_none, .read = read_none};
