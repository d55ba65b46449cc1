import { expect, test } from 'vitest';
import type { DrillDraft } from '../../../src/cli/drafts/drill-draft.ts';
import { readOrKeep } from '../../../src/cli/drafts/read-or-keep.ts';
import type { ErrorCode } from '../../../src/support/errors.ts';
import { DrillError } from '../../../src/support/errors.ts';
import { fakeDefinition } from '../../run/fake-drill.ts';

const BEFORE: DrillDraft = {
  ...{ name: 'crm', backup: { source: './b', match: '*' }, engine: { type: 'postgres' }, objectives: { rto: '1h' } },
  ...{ checks: [{ name: 'tables are there', sql: 'select 1' }], notes: ['Written by hand.'] },
};
const COMPLETED = { ...BEFORE, checks: [{ name: 'odd', integrity: 'all' }] };

const refusing = (code: ErrorCode) => async (text: string) => {
  if (text.includes('odd')) throw new DrillError(code, '4 problems');
  return fakeDefinition(1);
};

test('keeps the drill as it was, with a note, when its proposed checks are refused', async () => {
  const { text } = await readOrKeep(COMPLETED, BEFORE, refusing('config-invalid'));
  expect(text).toContain('tables are there');
  expect(text).toContain('# Written by hand.\n# The checks that were proposed');
});

test('takes the proposed checks otherwise, and hides no other error', async () => {
  const { text } = await readOrKeep(COMPLETED, BEFORE, async () => fakeDefinition(1));
  expect(text).toContain('name: odd');
  await expect(readOrKeep(COMPLETED, BEFORE, refusing('disk-full'))).rejects.toMatchObject({ code: 'disk-full' });
});
