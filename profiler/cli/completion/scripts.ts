// SPDX-License-Identifier: MIT
// Completion scripts for shells, made of the table of verbs and options: they do not start the tool.

import type { CompletedOption, CompletedVerb } from './table.js';

export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

const HEAD = '# Made by `dde-profile completion`: make it anew after an update.';

const quote = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

function bashCases({ options }: CompletedVerb): string {
  return options
    .filter(({ value }) => value !== 'none')
    .map(({ names, value, choices }) => {
      const words = choices.length > 0 ? `COMPREPLY=($(compgen -W ${quote(choices.join(' '))} -- "$cur"))` : '';
      const reply = words !== '' ? words : value === 'file' ? 'COMPREPLY=($(compgen -f -- "$cur"))' : 'COMPREPLY=()';
      return `        ${names.join('|')}) ${reply}; return ;;`;
    })
    .join('\n');
}

function bash(verbs: readonly CompletedVerb[]): string {
  const cases = verbs.map((verb) => {
    const names = verb.options.flatMap((option) => option.names).join(' ');
    const words = verb.choices.length > 0 ? `-W ${quote(verb.choices.join(' '))}` : '-f';
    return `    ${verb.name})
      case "$prev" in
${bashCases(verb)}
      esac
      if [[ $cur == -* ]]; then COMPREPLY=($(compgen -W ${quote(names)} -- "$cur"))
      else COMPREPLY=($(compgen ${words} -- "$cur")); fi ;;`;
  });
  return `${HEAD}
_dde_profile() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]}
  if (( COMP_CWORD == 1 )); then
    COMPREPLY=($(compgen -W ${quote(`${verbs.map(({ name }) => name).join(' ')} --help --version`)} -- "$cur"))
    return
  fi
  case "\${COMP_WORDS[1]}" in
${cases.join('\n')}
  esac
}
complete -o filenames -F _dde_profile dde-profile
`;
}

const plain = (text: string): string => text.replace(/[[\]:]/g, ' ');

function zshOption({ names, text, value, choices }: CompletedOption): string {
  const takes = choices.length > 0 ? `:value:(${choices.join(' ')})` : value === 'file' ? ':file:_files' : ':value: ';
  return names
    .map((name) => `      ${quote(`*${name}[${plain(text)}]${value === 'none' ? '' : takes}`)}`)
    .join(' \\\n');
}

function zsh(verbs: readonly CompletedVerb[]): string {
  const list = verbs.map(({ name, text }) => `    ${quote(`${name}:${plain(text)}`)}`).join('\n');
  const cases = verbs.map(({ name, options, choices }) => {
    const argument = choices.length > 0 ? `:word:(${choices.join(' ')})` : ':file:_files';
    return `    ${name}) _arguments ${options.map(zshOption).join(' \\\n')} \\\n      ${quote(`*${argument}`)} ;;`;
  });
  return `#compdef dde-profile
${HEAD}
_dde_profile() {
  local -a verbs
  verbs=(
${list}
  )
  if (( CURRENT == 2 )); then _describe verb verbs; return; fi
  local verb=\${words[2]}
  shift words
  (( CURRENT-- ))
  case "$verb" in
${cases.join('\n')}
  esac
}
compdef _dde_profile dde-profile
`;
}

function fishOption(verb: string, { names, text, value, choices }: CompletedOption): string {
  const flags = names.map((name) => (name.startsWith('--') ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`)).join(' ');
  const takes =
    value === 'none'
      ? ''
      : choices.length > 0
        ? ` -x -a ${quote(choices.join(' '))}`
        : value === 'file'
          ? ' -r'
          : ' -x';
  return `complete -c dde-profile -n '__fish_seen_subcommand_from ${verb}' ${flags}${takes} -d ${quote(text)}`;
}

function fish(verbs: readonly CompletedVerb[]): string {
  const lines = verbs.flatMap(({ name, text, options, choices }) => [
    `complete -c dde-profile -n __fish_use_subcommand -f -a ${name} -d ${quote(text)}`,
    ...(choices.length > 0
      ? [`complete -c dde-profile -n '__fish_seen_subcommand_from ${name}' -f -a ${quote(choices.join(' '))}`]
      : []),
    ...options.map((option) => fishOption(name, option)),
  ]);
  return `${HEAD}\n${lines.join('\n')}\n`;
}

export function script(shell: Shell, verbs: readonly CompletedVerb[]): string {
  return { bash, zsh, fish }[shell](verbs);
}
