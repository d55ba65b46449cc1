import { expect, it } from 'vitest';
import { safeSink } from '../../src/cli/safe-sink.ts';
import { formatTable } from '../../src/cli/style.ts';

function written(...texts: string[]): string {
  let out = '';
  const sink = safeSink({ write: (text) => (out += text) });
  for (const text of texts) sink.write(text);
  return out;
}

it.for([
  ['a right-to-left override in a file name', 'drills/\u202egpj.yaml\n', 'drills/\\u202egpj.yaml\n'],
  ['isolates and marks', '\u2066a\u2069 \u200fb\u061c', '\\u2066a\\u2069 \\u200fb\\u061c'],
  ['a cursor movement', 'name\u001b[2Jx', 'name\\u001b[2Jx'],
  ['a terminal title', '\u001b]0;owned\u0007', '\\u001b]0;owned\\u0007'],
  ['C1 controls', '\u009b31m', '\\u009b31m'],
  ['a carriage return that overwrites its line', 'failed\rpassed', 'failed\\rpassed'],
] as const)('escapes %s wherever it is printed', ([, text, shown]) => {
  expect(written(text)).toBe(shown);
});

it('keeps colours, tabs and line ends', () => {
  const text = '\u001b[31mfailed\u001b[39m\tx\r\ny\n';
  expect(written(text)).toBe(text);
});

it('keeps the meaning of a JSON document', () => {
  const value = { drill: 'a\u202eb\u0085', text: 'line\nline' };
  const shown = written(JSON.stringify(value));
  expect(shown).not.toContain('\u202e');
  expect(JSON.parse(shown)).toEqual(value);
});

it('keeps columns apart whatever the cells contain', () => {
  expect(
    formatTable(
      [
        ['a\u202e\n', 'b'],
        ['c', 'd'],
      ],
      (_row, _column, text) => text,
    ).split('\n'),
  ).toEqual(['a\\u202e\\n  b', 'c          d']);
});
