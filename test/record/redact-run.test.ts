import { expect, it } from 'vitest';
import { redactRun, redactText } from '../../src/record/redact-run.ts';
import { Redactor } from '../../src/support/redact.ts';
import { passedRun } from '../support/run-records.ts';

it('redacts secrets in a configuration and keeps it valid JSON', () => {
  const sql = `select 1 from account where password = 'hunter22' and token = "quoted"`;
  const run = { ...passedRun(), definition: JSON.stringify({ name: 'orders', checks: [{ sql }], password: 'x' }) };
  const { definition } = redactRun(run, redactText(new Redactor()));
  expect(JSON.parse(definition)).toEqual({
    name: 'orders',
    checks: [{ sql: 'select 1 from account where password = *** and token = "quoted"' }],
    password: 'x',
  });
});
