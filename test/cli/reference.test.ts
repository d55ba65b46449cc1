import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { createProgram } from '../../src/cli/program.ts';
import { unusedTools } from '../../src/cli/reference/generated-files.ts';
import { formatReference } from '../../src/cli/reference/reference.ts';
import { drillSchema } from '../../src/config/drill-schema.ts';
import { settingsSchema } from '../../src/config/settings-schema.ts';

const { command: program } = createProgram(unusedTools());
const reference = formatReference(program);

const DRILL = {
  name: 'orders',
  backup: { source: './backups', match: '*.dump' },
  engine: { type: 'postgres' },
  objectives: { rto: '15m' },
  checks: [{ name: 'tables are there', sql: 'select 1', expect: 1 }],
};

/** The sections of a chapter, by heading. */
function sectionsOf(chapter: string): [string, string][] {
  const [, text = ''] = `\n${reference}\n## `.split(`\n## ${chapter}\n`);
  return text
    .split('\n## ', 1)
    .flatMap((part) => part.split('\n### ').slice(1))
    .map((section): [string, string] => [section.split('\n', 1)[0] ?? '', section]);
}

/** The examples in YAML at the start of a section. */
function examplesIn(section: string): unknown[] {
  const [, yaml = ''] = /^```yaml\n(.*?)^```$/ms.exec(section) ?? [];
  return yaml
    .split('# or\n')
    .map((text): unknown => parse(text))
    .filter((example) => Object.keys(Object(example)).length > 0);
}

/** The words of the example command after `firedrill`, without what the shell does with its output. */
function commandIn(section: string): string[] {
  const [, line = ''] = /^Example:\n.*\bfiredrill (.*)$/m.exec(section) ?? [];
  return [...line.replace(/\)$| > .*$/g, '').matchAll(/"([^"]*)"|'([^']*)'|\S+/g)].map(
    ([word, double, single]) => double ?? single ?? word,
  );
}

function findCommand(parent: Command, names: readonly string[]): Command {
  const [first, ...rest] = names;
  if (first === undefined) return parent;
  const found = parent.commands.find((command) => command.name() === first);
  if (!found) throw new Error(`there is no command ${first}`);
  return findCommand(found, rest);
}

describe('each section of the reference', () => {
  it.each(sectionsOf('Drill file'))('has a valid example for %s of a drill', (_, section) => {
    const examples = examplesIn(section);
    expect(examples).not.toEqual([]);
    for (const example of examples)
      expect(drillSchema.safeParse({ ...DRILL, ...Object(example) }).error?.issues).toBeUndefined();
  });

  it.each(sectionsOf('Settings'))('has a valid example for %s of the settings', (_, section) => {
    const examples = examplesIn(section);
    expect(examples).not.toEqual([]);
    for (const example of examples) expect(settingsSchema.safeParse(example).error?.issues).toBeUndefined();
  });

  it.each(sectionsOf('Commands'))('has an example that %s takes', (name, section) => {
    const words = commandIn(section);
    expect(`firedrill ${words.join(' ')}`).toMatch(new RegExp(`^${name}\\b`));
    const command = findCommand(program, name.split(' ').slice(1));
    const { operands, unknown } = command.parseOptions(words.slice(name.split(' ').length - 1));
    expect(unknown).toEqual([]);
    const wanted = command.registeredArguments;
    expect(operands.length).toBeGreaterThanOrEqual(wanted.filter(({ required }) => required).length);
    if (!wanted.some(({ variadic }) => variadic)) expect(operands.length).toBeLessThanOrEqual(wanted.length);
    for (const option of command.options.filter(({ mandatory }) => mandatory))
      expect(command.getOptionValue(option.attributeName())).toBeDefined();
  });
});
