import { expect, it } from 'vitest';
import { requireAnswers } from '../../../src/engines/server/require-answers.ts';
import type { LoadFinding } from '../../../src/engines/whose-fault.ts';

const LACKS: LoadFinding = { kind: 'library-missing', text: 'public.a cannot be read: could not access file "x"' };
const LOST: LoadFinding = { kind: 'missing-part', text: 'public.b cannot be read: could not open file' };

it('passes when every table can be read', () => expect(() => requireAnswers([])).not.toThrow());

it('reports what the image lacks when the backup is not to blame', () => {
  expect(() => requireAnswers([LACKS, LACKS])).toThrow(
    expect.objectContaining({
      code: 'image-incomplete',
      message: LACKS.text,
      hint: expect.stringContaining('engine.image'),
    }),
  );
});

it('fails for lost parts of the backup, whatever else the image lacks', () => {
  expect(() => requireAnswers([LACKS, LOST, LOST])).toThrow(
    expect.objectContaining({
      code: 'restore-failed',
      message: 'the restored table public.b cannot be read: could not open file (and 1 more)',
      details: [LOST.text, LOST.text],
    }),
  );
});
