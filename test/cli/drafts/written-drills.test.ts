import { expect, test } from 'vitest';
import { formatWritten } from '../../../src/cli/drafts/written-drills.ts';
import type { ProofEntry } from '../../../src/record/run-record.ts';
import { makeFakeDrill, useFakeTime } from '../../run/fake-drill.ts';
import { seriesFinding } from '../../support/discoveries.ts';

useFakeTime();

const CAUGHT: ProofEntry = { damage: 'one row lost', caughtBy: ['a'], advice: undefined };
const SLIPPED: ProofEntry = { ...CAUGHT, caughtBy: [] };
const REFUSED: ProofEntry = { ...SLIPPED, skipped: 'refused by a constraint' };

test.each([
  ['; 1 of 2 damages caught; see firedrill show', [CAUGHT, SLIPPED, REFUSED]],
  ['; 1 of 1 damages caught; see firedrill show', [CAUGHT, REFUSED]],
  ['passed; see firedrill show', [REFUSED]],
])('counts only damage that was tried in "%s"', async (shown, entries) => {
  const run = { ...(await makeFakeDrill().run()), proof: { entries } };
  const written = { series: seriesFinding(), file: 'd.yaml', checks: 2, problem: undefined, run };
  expect(formatWritten(written)).toContain(shown);
});
