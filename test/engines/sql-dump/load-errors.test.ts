import { describe, expect, it } from 'vitest';
import { LoadErrors } from '../../../src/engines/sql-dump/load-errors.ts';

const LACK = { kind: 'collation-missing', text: 'line 3: the image lacks the collation "de_DE"' } as const;

describe('load findings', () => {
  it('count a refused statement against the backup', () => {
    const errors = new LoadErrors([]);
    expect(errors.report({ kind: 'refused', text: 'line 7: syntax error' })).toBeUndefined();
    expect(errors.outcome('shop')).toMatchObject({ errorCount: 1, errors: ['line 7: syntax error'], warnings: [] });
  });

  it('are warnings when they cost no data', () => {
    const errors = new LoadErrors([]);
    errors.report({ kind: 'drop-of-missing', text: 'role "x" does not exist' });
    expect(errors.outcome('shop')).toMatchObject({ errorCount: 0, warnings: ['role "x" does not exist'] });
  });

  it('end the load when the image lacks something, with an error code and a next step', () => {
    expect(new LoadErrors([]).report(LACK)).toMatchObject({
      code: 'image-incomplete',
      message: LACK.text,
      hint: expect.stringContaining('engine.image'),
    });
  });

  it('keep an earlier failure, and then only warn of what the image lacks', () => {
    const errors = new LoadErrors([]);
    errors.report({ kind: 'refused', text: 'line 1: syntax error' });
    expect(errors.report(LACK)).toBeUndefined();
    expect(errors.outcome('shop')).toMatchObject({ errorCount: 1, warnings: [LACK.text] });
  });

  it('count what the drill allows as ignored, including what the image lacks', () => {
    const errors = new LoadErrors([/collation/]);
    expect(errors.report(LACK)).toBeUndefined();
    expect(errors.outcome('shop')).toMatchObject({ errorCount: 0, ignoredCount: 1, warnings: [] });
  });
});
