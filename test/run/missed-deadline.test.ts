import { expect, it } from 'vitest';
import { missedDeadline } from '../../src/run/missed-deadline.ts';
import { fakeDefinition } from './fake-drill.ts';

it.each([
  [60_000, /^A real recovery would not be held/],
  [59_000, /^`firedrill show 7` shows which stage took longest/],
])(
  'suggests raising the limit of a source only if throttling can have made the run late: throttled for %j ms',
  (ms, hint) => {
    const drill = fakeDefinition(1000);
    const objectives = { ...drill.objectives, rtoMs: 60_000, deadlineMs: 120_000 };
    const held = { of: 's3://acme/', limitBytesPerSecond: 1e8, bytesPerSecond: 5e7, ms };
    const late = {
      runId: '7',
      stage: 'verify',
      state: { source: undefined, backup: undefined, progress: undefined },
      meter: undefined,
      held,
    } as const;
    expect(missedDeadline({ ...late, drill: { ...drill, objectives } })).toMatchObject({
      code: 'too-slow',
      message: expect.stringMatching(/; reading was held for 1 min|; reading was held for 59/),
      hint: expect.stringMatching(hint),
    });
  },
);
