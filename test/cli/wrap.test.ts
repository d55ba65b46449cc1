import { expect, it } from 'vitest';
import { safeSink } from '../../src/cli/safe-sink.ts';
import { wrapFor, wrapText } from '../../src/cli/wrap.ts';

it.for([
  [
    'at words, two spaces deeper',
    'HINT: check that the server takes this password',
    'HINT: check that the server\n  takes this password',
  ],
  ['below its own indentation', '  WARNING: the dump is much smaller', '  WARNING: the dump is much\n    smaller'],
  ['below the column of its text', 'drill  orders (drills/orders.yaml)', 'drill  orders\n       (drills/orders.yaml)'],
  ['around a command in backticks', 'Try `firedrill show orders` now', 'Try `firedrill show orders`\n  now'],
  [
    'around a command at its end',
    'then run: firedrill run drills/orders.yaml',
    'then run:\n  firedrill run drills/orders.yaml',
  ],
  [
    'around a word that no line has room for',
    'see https://example.com/a/long/path here',
    'see\n  https://example.com/a/long/path\n  here',
  ],
  ['each line by itself', 'one two three four five six seven\nshort', 'one two three four five six\n  seven\nshort'],
] as const)('wraps a line %s', ([, text, shown]) => {
  expect(wrapText(text, 28)).toBe(shown);
});

it('leaves lines that fit, and all lines where the width is unknown', () => {
  expect(wrapText('a line that fits', 28)).toBe('a line that fits');
  expect(wrapText('a line of no known width, however long', 0)).toBe('a line of no known width, however long');
});

it('gives no room to colors', () => {
  const text = '\u001b[33mWARNING: the dump is small\u001b[39m';
  expect(wrapText(text, 28)).toBe(text);
});

it('wraps only what a terminal shows', () => {
  const text = 'a sentence that is longer than the line of a terminal';
  expect(wrapFor({ columns: 28 }, text)).toBe(text);
  expect(wrapFor({ isTTY: true, columns: 28 }, text)).toContain('\n');
});

it('wraps what is said on standard error, after making it safe to print', () => {
  let out = '';
  const sink = safeSink({ isTTY: true, columns: 28, write: (text) => (out += text) }, { isProse: true });
  sink.write('the name \u202e holds an override here\n');
  expect(out).toBe('the name \\u202e holds an\n  override here\n');
});
