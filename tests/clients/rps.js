// SPDX-License-Identifier: ISC
// Prints one request that @device-management-toolkit/wsman-messages builds, as the servers that
// activate devices (RPS) use it: node rps.js SET CLASS METHOD [ARGUMENT as JSON]...
'use strict';

const path = require('path');
const lib = require(path.join(process.env.MODULES, '@device-management-toolkit/wsman-messages'));
const [set, name, method, ...words] = process.argv.slice(2);
process.stdout.write(new lib[set].Messages()[name][method](...words.map((each) => JSON.parse(each))));
