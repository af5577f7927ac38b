// SPDX-License-Identifier: MIT
// `npm run build:native`.
import { addon, main } from './bootstrap.mjs';

await main(addon);
