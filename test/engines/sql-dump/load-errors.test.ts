import { describe, expect, it } from 'vitest';
import { LoadErrors } from '../../../src/engines/sql-dump/load-errors.ts';

const LACK = { kind: 'collation-missing', text: 'line 3: the image lacks the collation "de_DE"' } as const;

describe('findings of a load', () => {
  it('counts a refused statement against the backup', () => {
    const errors = new LoadErrors([]);
    expect(errors.report({ kind: 'refused', text: 'line 7: syntax error' })).toBeUndefined();
    expect(errors.outcome('shop')).toMatchObject({ errorCount: 1, errors: ['line 7: syntax error'], warnings: [] });
  });

  it('warns of what costs no data', () => {
    const errors = new LoadErrors([]);
    errors.report({ kind: 'drop-of-missing', text: 'role "x" does not exist' });
    expect(errors.outcome('shop')).toMatchObject({ errorCount: 0, warnings: ['role "x" does not exist'] });
  });

  it('ends the load with what the image lacks, by its code and with a next step', () => {
    expect(new LoadErrors([]).report(LACK)).toMatchObject({
      code: 'image-incomplete',
      message: LACK.text,
      hint: expect.stringContaining('engine.image'),
    });
  });

  it('lets a failure that came first stand, and only warns of what the image lacks', () => {
    const errors = new LoadErrors([]);
    errors.report({ kind: 'refused', text: 'line 1: syntax error' });
    expect(errors.report(LACK)).toBeUndefined();
    expect(errors.outcome('shop')).toMatchObject({ errorCount: 1, warnings: [LACK.text] });
  });

  it('counts as ignored what the drill allows, also what the image lacks', () => {
    const errors = new LoadErrors([/collation/]);
    expect(errors.report(LACK)).toBeUndefined();
    expect(errors.outcome('shop')).toMatchObject({ errorCount: 0, ignoredCount: 1, warnings: [] });
  });
});
