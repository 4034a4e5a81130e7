/* SPDX-License-Identifier: ISC */
/* CIM_ElementSettingData: which settings of an element are the current ones. So far the power
 * packages of the management engine. */
#include "cim/schema.h"
#include "providers/power_package.h"
#include "settings/power_scheme.h"

enum { IS_CURRENT = 1, IS_NOT_CURRENT = 2 };

static size_t count(void)
{
    return POWER_PACKAGE_COUNT;
}

static int read(size_t index, struct cim_bag *out)
{
    bool is_current = index == (size_t)power_scheme_get();
    cim_set_uint(out, "IsCurrent", is_current ? IS_CURRENT : IS_NOT_CURRENT);
    cim_set_path(out, "ManagedElement", &CIM_ComputerSystem_class, "CreationClassName",
                 "CIM_ComputerSystem", "Name", PROVIDER_AMT_SYSTEM, (char *)NULL);
    power_package_set_path(out, "SettingData", index);
    return CIM_OK;
}

const struct cim_provider element_setting_provider = {
    .class = &CIM_ElementSettingData_class, .count = count, .read = read};
