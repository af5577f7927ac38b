// SPDX-License-Identifier: MIT
import t from 'tap';
import { stubsCalled, stubsIn } from '../../../../runtime/build/describe/stubs.js';

const HEADER = `#ifndef A_H
#define A_H
#ifdef CONFIG_ON
int real(void);
#else
static inline int real(void) { return 0; }
#endif
#if IS_ENABLED(CONFIG_OFF)
int gone(int n);
int wide(int n);
#else
static inline int gone(int n) { return -1; }
static inline struct device *
wide(int n)
{
	return NULL;
}
#define macro(x) do { } while (0)
#define alias(x) another(x, 1)
static inline int works(void) { return another(1); }
#endif
#ifndef CONFIG_OFF
static inline void upside(void) { }
#endif
#if defined(CONFIG_ON) && defined(CONFIG_OFF)
#elif defined(CONFIG_ON)
static inline void other(void) { }
#endif
#endif
`;
const config = new Map([['ON', 'y']]);

t.test('empty functions of options that are off', (t) => {
  t.same(
    stubsIn(HEADER, 'a.h', config).map((s) => `${s.name} ${s.option}`),
    ['gone OFF', 'wide OFF', 'macro OFF', 'upside OFF'],
  );
  t.end();
});

t.test('only what is called', (t) => {
  const stubs = stubsCalled(['x = gone (1); real();'], new Map([['a.h', HEADER]]), config);
  t.same(stubs, [{ name: 'gone', option: 'OFF', header: 'a.h' }]);
  t.end();
});
