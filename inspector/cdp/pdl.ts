// SPDX-License-Identifier: MIT
// Chrome's protocol definition language: a .pdl text to the JSON that /json/protocol serves, and to TypeScript.

export interface PdlType {
  type?: string;
  $ref?: string;
  items?: PdlType;
  enum?: string[];
}

export interface PdlProperty extends PdlType {
  name: string;
  description?: string;
  optional?: true;
}

export interface PdlDomain {
  domain: string;
  description?: string;
  types: (PdlType & { id: string; description?: string; properties?: PdlProperty[] })[];
  commands: { name: string; description?: string; parameters?: PdlProperty[]; returns?: PdlProperty[] }[];
  events: { name: string; description?: string; parameters?: PdlProperty[] }[];
}

class PdlError extends Error {
  readonly code = 'ERR_DDE_PDL';
}

const PRIMITIVES = ['string', 'integer', 'number', 'boolean', 'object', 'any', 'binary'];

function typeOf(words: string): PdlType {
  const array = /^array of (\S+)$/.exec(words);
  if (array !== null) return { type: 'array', items: typeOf(array[1] as string) };
  return PRIMITIVES.includes(words) ? { type: words } : { $ref: words };
}

const LINES = {
  domain: /^(?:experimental )?domain (\w+)$/,
  type: /^ {2}type (\w+) extends (array of \S+|\S+)$/,
  member: /^ {2}(command|event) (\w+)$/,
  section: /^ {4}(properties|parameters|returns|enum)$/,
  property: /^ {6}(optional )?(array of \S+|\S+) (\w+)$/,
  literal: /^ {6}([\w-]+)$/,
};

/** Throws PdlError with the line's number. */
export function parsePdl(text: string): PdlDomain[] {
  const domains: PdlDomain[] = [];
  let owner: { properties?: PdlProperty[]; parameters?: PdlProperty[]; returns?: PdlProperty[]; enum?: string[] } = {};
  let section: 'properties' | 'parameters' | 'returns' | 'enum' | undefined;
  let description: string[] = [];
  const described = (): { description?: string } => {
    const all = description.join(' ');
    description = [];
    return all === '' ? {} : { description: all };
  };
  for (const [i, raw] of text.split('\n').entries()) {
    const line = raw.trimEnd();
    const fail: () => never = () => {
      throw new PdlError(`line ${i + 1}: ${JSON.stringify(line)} is not understood`);
    };
    if (line === '' || /^(version| {2}(major|minor) \d+)$/.test(line)) continue;
    const comment = /^\s*#\s?(.*)$/.exec(line);
    if (comment !== null) {
      if (!/SPDX/.test(line)) description.push(comment[1] as string);
      continue;
    }
    const current = domains.at(-1);
    const domain = LINES.domain.exec(line);
    if (domain !== null) {
      domains.push({ domain: domain[1] as string, ...described(), types: [], commands: [], events: [] });
      continue;
    }
    if (current === undefined) fail();
    const type = LINES.type.exec(line);
    const member = LINES.member.exec(line);
    if (type !== null) {
      const made = { id: type[1] as string, ...described(), ...typeOf(type[2] as string) };
      current.types.push(made);
      owner = made;
      section = undefined;
      continue;
    }
    if (member !== null) {
      const made: PdlDomain['commands'][number] = { name: member[2] as string, ...described() };
      (member[1] === 'command' ? current.commands : current.events).push(made);
      owner = made;
      section = undefined;
      continue;
    }
    const found = LINES.section.exec(line);
    if (found !== null) {
      section = found[1] as NonNullable<typeof section>;
      continue;
    }
    if (section === 'enum') {
      const literal = LINES.literal.exec(line) ?? fail();
      owner.enum = [...(owner.enum ?? []), literal[1] as string];
      continue;
    }
    const property = LINES.property.exec(line) ?? fail();
    if (section === undefined) fail();
    const made: PdlProperty = {
      name: property[3] as string,
      ...described(),
      ...typeOf(property[2] as string),
      ...(property[1] === undefined ? {} : { optional: true as const }),
    };
    owner[section] = [...(owner[section] ?? []), made];
  }
  return domains;
}

function tsType(type: PdlType): string {
  if (type.enum !== undefined) return type.enum.map((one) => `'${one}'`).join(' | ');
  if (type.$ref !== undefined) return type.$ref;
  switch (type.type) {
    case 'array':
      return `readonly ${tsType(type.items ?? { type: 'any' })}[]`;
    case 'integer':
    case 'number':
      return 'number';
    case 'boolean':
      return 'boolean';
    case 'string':
    case 'binary':
      return 'string';
    default:
      return 'unknown';
  }
}

function tsInterface(name: string, description: string | undefined, properties: readonly PdlProperty[]): string {
  const comment = (text: string | undefined, indent: string): string =>
    text === undefined ? '' : `${indent}/** ${text} */\n`;
  const fields = properties.map(
    (one) => `${comment(one.description, '  ')}  readonly ${one.name}${one.optional ? '?' : ''}: ${tsType(one)};\n`,
  );
  return `${comment(description, '')}export interface ${name} {\n${fields.join('')}}\n`;
}

const title = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1);

/** Types, `NameRequest`, `NameResponse` and `NameEvent` of a domain. */
export function pdlTypes({ domain, types, commands, events }: PdlDomain): string {
  const parts = [
    `// SPDX-License-Identifier: MIT\n// Generated from ${domain.toLowerCase()}.pdl by npm run gen.\n`,
    ...types.map((one) =>
      one.properties === undefined
        ? `export type ${one.id} = ${tsType(one)};\n`
        : tsInterface(one.id, one.description, one.properties),
    ),
    ...commands.flatMap(({ name, description, parameters, returns }) => [
      ...(parameters === undefined ? [] : [tsInterface(`${title(name)}Request`, description, parameters)]),
      ...(returns === undefined ? [] : [tsInterface(`${title(name)}Response`, description, returns)]),
    ]),
    ...events.map(({ name, description, parameters }) =>
      tsInterface(`${title(name)}Event`, description, parameters ?? []),
    ),
  ];
  return parts.join('\n');
}
