// SPDX-License-Identifier: MIT
// A small reader for the XML of Valgrind: elements and text, no attributes, no namespaces.

export interface Element {
  readonly name: string;
  readonly children: readonly Element[];
  /** Without the children's. */
  readonly text: string;
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function decode(text: string): string {
  return text.replace(/&(?:#(\d+)|#x([0-9a-f]+)|(\w+));/gi, (whole, decimal?: string, hex?: string, name?: string) => {
    if (decimal !== undefined) return String.fromCodePoint(Number(decimal));
    if (hex !== undefined) return String.fromCodePoint(Number.parseInt(hex, 16));
    return ENTITIES[name ?? ''] ?? whole;
  });
}

/** The elements of a document that may end in the middle: the process that wrote it may have been killed. */
export function readXml(text: string): Element {
  const root = { name: '', children: [] as Element[], text: '' };
  const open: { name: string; children: Element[]; text: string }[] = [root];
  for (const [, end, name, empty, content] of text.matchAll(/<(\/?)([A-Za-z][\w.-]*)[^<>]*?(\/?)>|([^<>]+)/g)) {
    const top = open.at(-1) as (typeof open)[number];
    if (content !== undefined) top.text += decode(content);
    else if (end === '/') {
      if (open.length > 1) open.pop();
    } else {
      const element = { name: name as string, children: [], text: '' };
      top.children.push(element);
      if (empty !== '/') open.push(element);
    }
  }
  return root;
}

export function childOf(element: Element, name: string): Element | undefined {
  return element.children.find((one) => one.name === name);
}

export function textOf(element: Element, ...path: readonly string[]): string {
  const found = path.reduce<Element | undefined>((at, name) => (at === undefined ? at : childOf(at, name)), element);
  return found === undefined ? '' : found.text.trim();
}
