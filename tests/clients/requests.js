// SPDX-License-Identifier: ISC
// Prints requests that @device-management-toolkit/wsman-messages builds, as JSON:
// name -> envelope. "CLASS.Pull" holds CONTEXT where the enumeration context belongs.
'use strict';

const path = require('path');
const lib = require(path.join(process.env.MODULES, '@device-management-toolkit/wsman-messages'));
const sets = { AMT: new lib.AMT.Messages(), CIM: new lib.CIM.Messages(), IPS: new lib.IPS.Messages() };
const out = {};
for (const name of process.argv.slice(2)) {
    const item = sets[name.substring(0, 3)][name.substring(4)];
    if (!item) { console.error('no such class: ' + name); process.exit(1); }
    out[name + '.Get'] = item.Get();
    out[name + '.Enumerate'] = item.Enumerate();
    out[name + '.Pull'] = item.Pull('CONTEXT');
}
const cim = sets.CIM;
out.PowerOn = cim.PowerManagementService.RequestPowerStateChange(2);
out.PowerOff = cim.PowerManagementService.RequestPowerStateChange(8);
out.BootOrderCd = cim.BootConfigSetting.ChangeBootOrder('Intel(r) AMT: Force CD/DVD Boot');
out.BootOrderNone = cim.BootConfigSetting.ChangeBootOrder();
out.BootRole = cim.BootService.SetBootConfigRole('Intel(r) AMT: Boot Configuration 0', 1);
process.stdout.write(JSON.stringify(out));
