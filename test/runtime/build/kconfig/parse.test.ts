// SPDX-License-Identifier: MIT
import t from 'tap';
import { holds, parseExpr, show, tokenize } from '../../../../runtime/build/kconfig/expr.js';
import { parseKconfig } from '../../../../runtime/build/kconfig/parse.js';

const expr = (text: string) => parseExpr(tokenize(text));
const values = (set: Record<string, string>) => (name: string) => set[name] ?? 'n';

t.test('expressions', async (t) => {
  const cases: [string, Record<string, string>, boolean][] = [
    ['A && B || C', { C: 'y' }, true],
    ['A && (B || C)', { C: 'y' }, false],
    ['!A', {}, true],
    ['!(A || B) && C', { C: 'y' }, true],
    ['A=y', { A: 'y' }, true],
    ['A!=n', {}, false],
    ['A = "x y"', { A: 'x y' }, true],
    ['BITS >= 32', { BITS: '64' }, true],
    ['m && A', { A: 'y' }, true],
    ['$(cc-option,-mfoo (bar)) && A', { A: 'y' }, true],
    ['8139CP', { '8139CP': 'y' }, true],
    ['A # comment', { A: 'y' }, true],
  ];
  for (const [text, set, expected] of cases) t.equal(holds(expr(text), values(set)), expected, text);
  t.equal(show(expr('(A||B)&&!C&&D=y')), '(A || B) && !C && D=y');
});

const TREE: Record<string, string> = {
  Kconfig: `mainmenu "x"
source "scripts/none"
source "arch/$(SRCARCH)/Kconfig"
if-success = $(shell,{ $(1); } && echo y)
menu "Network"
	depends on NET
	visible if EXPERT

config CARD
	tristate "A card" if PCI
	depends on PCI && \\
		!BROKEN
	select HELPER if DEEP
	default y
	help
	  config NOT_A_SYMBOL
	    bool "in a help text"

	  More help.

if VENDOR
config CARD_EXTRA
	bool
	prompt "More"
	default CARD if EXPERT
endif
endmenu
choice
	prompt "One of"
	depends on OUTER
config ONE
	bool "one"
endchoice
config CARD
	depends on SECOND
config HELPER
	tristate
`,
  'arch/dde/Kconfig': 'config PCI\n\tdef_bool y\n',
};

t.test('files', async (t) => {
  const { entries, selectors } = parseKconfig((path) => TREE[path], 'Kconfig', { SRCARCH: 'dde' });
  t.same([...entries.keys()], ['PCI', 'CARD', 'CARD_EXTRA', 'ONE', 'HELPER']);
  const [card, again] = entries.get('CARD') ?? [];
  t.equal(card && show(card.depends), 'NET && PCI && !BROKEN');
  t.equal(card?.prompt && show(card.prompt), 'EXPERT && PCI');
  t.equal(again && show(again.depends), 'SECOND', 'a second definition stands alone');
  t.equal(again?.prompt, undefined);
  const [extra] = entries.get('CARD_EXTRA') ?? [];
  t.equal(extra && show(extra.depends), 'NET && VENDOR');
  t.ok(extra?.prompt, 'the prompt may stand on its own line');
  t.equal(extra?.defaults[0] && show(extra.defaults[0].when), 'EXPERT');
  const [one] = entries.get('ONE') ?? [];
  t.equal(one && show(one.depends), 'OUTER', 'a choice passes its dependencies on');
  t.equal(entries.get('HELPER')?.[0]?.prompt, undefined);
  t.same(
    selectors.get('HELPER')?.map((s) => [s.value, show(s.when)]),
    [['CARD', 'DEEP']],
  );
});
