// SPDX-License-Identifier: MIT
// The topics' pictures in the HTML report, under their headings.

import type { Profile } from '../../model/index.js';
import { PICTURES } from '../../topics/index.js';

export function picturesHtml(profile: Profile): string {
  const sections = new Map<string, string[]>();
  for (const { section, draw } of PICTURES) {
    const drawn = draw(profile).filter((p) => p !== '');
    sections.set(section, [...(sections.get(section) ?? []), ...drawn]);
  }
  return [...sections]
    .filter(([, drawn]) => drawn.length > 0)
    .map(([title, drawn]) => `<h2>${title}</h2>\n<div class="row">${drawn.join('')}</div>\n`)
    .join('');
}
