import { text } from 'node:stream/consumers';
import { expect, it } from 'vitest';
import { RedactedOutput } from '../../../src/engines/exec/redacted-output.ts';
import { Redactor } from '../../../src/support/redact.ts';

it('shows no secret that a program prints in two pieces', async () => {
  const redactor = new Redactor();
  redactor.add('s3cret-value');
  const output = new RedactedOutput(redactor);
  output.write('42 é s3cret');
  output.end('-value\n');
  expect(await text(output)).toMatch(/^42 é (?!.*s3cret).+\n$/);
});
