// SPDX-License-Identifier: ISC
// Drives MeshCentral's own AMT modules: nothing on the wire is made here.
// Standard input: a JSON array of steps; standard output: a JSON array of their results.
//   ["get", CLASS]  ["enum", CLASS]  ["batch", [CLASS or *CLASS, ...]]  ["power", STATE]
//   ["role", N]     ["order", SOURCE or null]     ["put", CLASS, OBJECT]
//   ["audit"]  ["auditclear"]  ["auditlock", FLAG, SECONDS, HANDLE]
//   ["auditpolicy", ENABLED, APPLICATION, EVENT, TYPE]
//   ["call", FUNCTION, ARGUMENT, ...]             any other function of amt.js
// Environment: MODULES (folder of the modules), VAMT_HOST, VAMT_HTTP_PORT, VAMT_USER,
// VAMT_PASSWORD, REALM (optional: what MeshCentral expects as digest realm).
'use strict';

const path = require('path');
const env = process.env;
const part = (name) => require(path.join(env.MODULES, 'meshcentral/amt', name));

const comm = part('amt-wsman-comm.js')(env.VAMT_HOST, parseInt(env.VAMT_HTTP_PORT),
    env.VAMT_USER, env.VAMT_PASSWORD, 0, null, null);
if (env.REALM) { comm.digestRealmMatch = env.REALM; }
const stack = part('amt.js')(part('amt-wsman.js')(comm));

// Every call of the library ends in (stack, name, response, status).
const answer = (done) => (_, name, response, status) =>
    done({ name, status, body: (response && response.Body) || null, header: response && response.Header });
const source = (id) => '<Address xmlns="http://schemas.xmlsoap.org/ws/2004/08/addressing">' +
    'http://schemas.xmlsoap.org/ws/2004/08/addressing</Address>' +
    '<ReferenceParameters xmlns="http://schemas.xmlsoap.org/ws/2004/08/addressing">' +
    '<ResourceURI xmlns="http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd">' + stack.pfx[1] +
    'CIM_BootSourceSetting</ResourceURI><SelectorSet ' +
    'xmlns="http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd"><Selector Name="InstanceID">' + id +
    '</Selector></SelectorSet></ReferenceParameters>';

const STEPS = {
    get: (done, name) => stack.Get(name, answer(done)),
    enum: (done, name) => stack.Enum(name, (_, called, items, status) =>
        done({ name: called, status, items })),
    batch: (done, names) => stack.BatchEnum('', names, (_, called, results, status) =>
        done({ status, results }), null, true),
    power: (done, state) => stack.RequestPowerStateChange(state, answer(done)),
    role: (done, role) => stack.SetBootConfigRole(role, answer(done)),
    order: (done, id) => stack.CIM_BootConfigSetting_ChangeBootOrder(id && source(id), answer(done)),
    call: (done, name, ...words) => stack[name](...words, answer(done)),
    put: (done, name, object) => stack.Put(name, object, answer(done)),
    audit: (done) => stack.GetAuditLog((_, records, status) => done({ status, records })),
    auditlock: (done, flag, seconds, handle) =>
        stack.AMT_AuditLog_SetAuditLock(seconds, flag, handle, answer(done)),
    auditclear: (done) => stack.AMT_AuditLog_ClearLog(answer(done)),
    auditpolicy: (done, on, app, event, type) =>
        stack.AMT_AuditPolicyRule_SetAuditPolicy(on, app, event, type, answer(done)),
};

async function main() {
    let text = '';
    for await (const piece of process.stdin) { text += piece; }
    const results = [];
    for (const [step, ...words] of JSON.parse(text)) {
        const result = await new Promise((done) => STEPS[step](done, ...words));
        results.push(Object.assign(result, { realm: comm.digestRealm, version: comm.amtVersion }));
    }
    process.stdout.write(JSON.stringify(results), () => process.exit(0));
}

main().catch((err) => { console.error(err); process.exit(1); });
