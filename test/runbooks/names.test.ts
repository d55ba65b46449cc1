import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { createProgram } from '../../src/cli/program.ts';
import { unusedTools } from '../../src/cli/reference/generated-files.ts';
import { type JsonSchema, toJsonSchema } from '../../src/config/json-schema.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const SCHEMAS = [toJsonSchema('drill'), toJsonSchema('settings')];

/** What users are told to type or to set: in runbooks, in the README, and in the hints of errors. */
async function readTexts(): Promise<ReadonlyMap<string, string>> {
  const sources = (await readdir(join(root, 'src'), { recursive: true })).filter((name) => name.endsWith('.ts'));
  const runbooks = await readdir(join(root, 'runbooks'));
  const paths = [
    ...runbooks.map((name) => join('runbooks', name)),
    'README.md',
    ...sources.map((name) => join('src', name)),
  ];
  const read = async (path: string) => {
    const text = await readFile(join(root, path), 'utf8');
    return [path, path.endsWith('.ts') ? text.replaceAll(/^\s*(?:\/?\*|\/\/).*$/gm, '') : text] as const; // comments are for developers
  };
  return new Map(await Promise.all(paths.map(read)));
}

describe('instructions to users', () => {
  it('name existing commands and options', async () => {
    const { command } = createProgram(unusedTools());
    const wrong: string[] = [];
    for (const [path, text] of await readTexts())
      for (const typed of commandsIn(text)) {
        const problem = findProblem(command, typed.split(/\s+/).slice(1));
        if (problem) wrong.push(`${path}: ${typed}: ${problem}`);
      }
    expect(wrong).toEqual([]);
  });

  it('name existing settings', async () => {
    const wrong: string[] = [];
    for (const [path, text] of await readTexts())
      for (const [, key = ''] of text.matchAll(/`([a-z]\w*(?:\.[a-z]\w*)+)(?:: [^`]*)?`/g))
        if (isKeyLike(key) && !SCHEMAS.some((schema) => hasKey(schema, key.split('.')))) wrong.push(`${path}: ${key}`);
    expect(wrong).toEqual([]);
  });

  it('name existing settings in runbooks, even by their last part alone', async () => {
    const known = new Set(SCHEMAS.flatMap((schema) => keysOf(schema)));
    const wrong: string[] = [];
    for (const [path, text] of await readTexts())
      if (path.startsWith('runbooks'))
        for (const [, key = ''] of text.matchAll(/`([a-z]+[A-Z]\w*|[a-z]\w*(?=: ))(?:: [^`]*)?`/g))
          if (!known.has(key)) wrong.push(`${path}: ${key}`);
    expect(wrong).toEqual([]);
  });
});

/** Text between backticks, including those escaped in a template, and lines of shell blocks. */
function commandsIn(text: string): readonly string[] {
  const quoted = [...text.matchAll(/\\?`(firedrill [a-z][^`\\]*)\\?`/g)].map(([, typed = '']) => typed);
  const lines = [...text.matchAll(/^(firedrill [a-z].*)$/gm)].map(([, typed = '']) => typed.replace(/\s+#.*$/, ''));
  return [...quoted, ...lines].filter((typed) => !/^firedrill (?:COMMAND|form) ?/.test(typed));
}

function findProblem(program: Command, words: readonly string[]): string | undefined {
  let command = program;
  for (const word of words) {
    if (/^[|&>;#]/.test(word)) return undefined;
    const sub = command.commands.find((one) => one.name() === word);
    if (sub) command = sub;
    else if (command.commands.length > 0 && /^[a-z]/.test(word)) return `there is no command ${word}`;
    else if (word.startsWith('--') && !knowsOption(command, word.replace(/=.*$/, '')))
      return `there is no option ${word}`;
  }
  return undefined;
}

function knowsOption(command: Command, word: string): boolean {
  return word === '--help' || command.options.some(({ long }) => long === word);
}

/** Names whose first part is a top-level key of a drill or of the settings; anything else with dots is a table, a file or a host. */
function isKeyLike(key: string): boolean {
  const [first = '', last = ''] = [key.split('.')[0], key.split('.').at(-1)];
  return (
    SCHEMAS.some(({ properties }) => Object.hasOwn(properties ?? {}, first)) && !/^(?:ya?ml|md|ts|sql|dump)$/.test(last)
  );
}

function hasKey(schema: JsonSchema, [first, ...rest]: readonly string[]): boolean {
  if (first === undefined) return true;
  const { properties = {}, additionalProperties, items, anyOf = [], oneOf = [] } = schema;
  const own = properties[first];
  if (own && hasKey(own, rest)) return true;
  if (typeof additionalProperties === 'object' && hasKey(additionalProperties, rest)) return true;
  const inner = [...anyOf, ...oneOf, ...(items === undefined ? [] : [items].flat())] as readonly JsonSchema[];
  return inner.some((one) => hasKey(one, [first, ...rest]));
}

function keysOf({
  properties = {},
  additionalProperties,
  items,
  anyOf = [],
  oneOf = [],
}: JsonSchema): readonly string[] {
  const own = Object.entries(properties).flatMap(([key, value]) => [key, ...keysOf(value)]);
  const inner = [...anyOf, ...oneOf, ...(items === undefined ? [] : [items].flat())] as readonly JsonSchema[];
  const further = typeof additionalProperties === 'object' ? [...inner, additionalProperties] : inner;
  return [...own, ...further.flatMap((one) => keysOf(one))];
}
