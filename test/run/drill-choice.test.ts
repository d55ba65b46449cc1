import { expect, it } from 'vitest';
import { DrillError } from '../../src/support/errors.ts';
import { makeFakeDrill } from './fake-drill.ts';

const CHOICE = { selection: 'latest of 1', newestTakenAt: new Date('2026-11-21T03:00:00.000Z') };

it('a run records how its backup was selected, and when the newest one was taken', async () => {
  const run = await makeFakeDrill().run();
  expect(run.backup).toMatchObject(CHOICE);
  expect(run.dataLossMs).toBe(run.startedAt.getTime() - CHOICE.newestTakenAt.getTime());
});

it('a run that fails before the header is read records them as well', async () => {
  const damaged = () => {
    throw new DrillError('backup-corrupt', 'the header is no header');
  };
  const run = await makeFakeDrill({ hooks: { inspect: damaged } }).run();
  expect(run).toMatchObject({ verdict: 'failed', backup: CHOICE });
});
