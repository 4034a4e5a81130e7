/* SPDX-License-Identifier: ISC */
/* CIM_SoftwareIdentity: versions of the firmware's parts, in AMT's order. */
#include "base/util.h"
#include "cim/schema.h"
#include "providers/provider.h"
#include "settings/identity.h"

enum part_text { TEXT_VERSION, TEXT_BUILD, TEXT_FIXED };

struct part {
    const char *id;
    enum part_text from;
    const char *text; /* TEXT_FIXED */
};

static const struct part parts[] = {
    {"Flash", TEXT_VERSION, NULL},
    {"Netstack", TEXT_VERSION, NULL},
    {"AMTApps", TEXT_VERSION, NULL},
    {"AMT", TEXT_VERSION, NULL},
    {"Sku", TEXT_FIXED, "16392"}, /* bits: AMT Pro, corporate */
    {"VendorID", TEXT_FIXED, "8086"},
    {"Build Number", TEXT_BUILD, NULL},
    {"Recovery Version", TEXT_VERSION, NULL},
    {"Recovery Build Num", TEXT_BUILD, NULL},
    {"Legacy Mode", TEXT_FIXED, "False"},
    {"AMT FW Core Version", TEXT_VERSION, NULL},
};

static size_t count(void)
{
    return UTIL_COUNT(parts);
}

static int read(size_t index, struct cim_bag *out)
{
    const struct part *part = &parts[index];
    const struct identity *identity = identity_get();
    const char *text = part->from == TEXT_VERSION ? identity->version
                       : part->from == TEXT_BUILD ? identity->build
                                                  : part->text;
    cim_set_text(out, "InstanceID", part->id);
    cim_set_boolean(out, "IsEntity", true);
    cim_set_text(out, "VersionString", text);
    return CIM_OK;
}

const struct cim_provider software_identity_provider = {
    .class = &CIM_SoftwareIdentity_class, .count = count, .read = read};
