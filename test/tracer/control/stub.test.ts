// SPDX-License-Identifier: MIT
// Runs the C tests of the patchable sites: as built, and with the sanitizers.
import t from 'tap';
import { buildC } from '../support/build.js';

t.spawn(buildC('stub_test'), [], {}, 'stub_test');
t.spawn(buildC('stub_test', 'asan'), [], {}, 'stub_test (address sanitizer)');
t.spawn(buildC('stub_test', 'ubsan'), [], {}, 'stub_test (undefined behaviour sanitizer)');
