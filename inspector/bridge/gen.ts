// SPDX-License-Identifier: MIT
// npm run gen: bridge/dde.pdl to bridge/dde.gen.ts (types) and to the text that the server reads at run time.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type PdlDomain, parsePdl, pdlTypes } from '../cdp/pdl.js';
import { projectRoot } from '../../profiler/setup/index.js';

const folder = join(projectRoot, 'inspector/bridge');
const domain = parsePdl(readFileSync(join(folder, 'dde.pdl'), 'utf8'))[0] as PdlDomain;
const json = `\n/** For /json/protocol. */\nexport const PROTOCOL = ${JSON.stringify(domain, null, 2)} as const;\n`;
writeFileSync(join(folder, 'dde.gen.ts'), pdlTypes(domain) + json);
