import { text } from 'node:stream/consumers';
import { expect, it } from 'vitest';
import { RedactedOutput } from '../../../src/engines/exec/redacted-output.ts';
import { Redactor } from '../../../src/support/redact.ts';

it('redacts a secret that a program prints in two chunks', async () => {
  const redactor = new Redactor();
  redactor.add('s3cret-value');
  const output = new RedactedOutput(redactor);
  output.write('42 é s3cret');
  output.end('-value\n');
  expect(await text(output)).toMatch(/^42 é (?!.*s3cret).+\n$/);
});

it.each([
  ['in a secret', 's3cret-', 'value'],
  ['in a secret of two lines', 'two\n', 'lines'],
  ['in an encoded secret', 's3cret%2', 'Fvalue'],
])('redacts secrets when long output arrives in chunks that end %s', async (_where, first, rest) => {
  const redactor = new Redactor();
  for (const secret of ['s3cret-value', 'two\nlines', 's3cret/value']) redactor.add(secret);
  const output = new RedactedOutput(redactor);
  const before = 'line\n'.repeat(40_000);
  output.write(`${before}${first}`);
  output.end(`${rest} end`);
  expect(await text(output)).toBe(`${before}*** end`);
});

it('preserves characters that are split between two chunks', async () => {
  const output = new RedactedOutput(new Redactor());
  for (const byte of Buffer.from('é'.repeat(3))) output.write(Buffer.of(byte));
  output.end();
  expect(await text(output)).toBe('ééé');
});

it('releases long output before it ends', () => {
  const redactor = new Redactor();
  redactor.add('s3cret-value');
  const output = new RedactedOutput(redactor);
  output.write(Buffer.alloc(200 * 1024, '0123456789\n'));
  expect(String(output.read()).length).toBeGreaterThan(190 * 1024);
});
