import { describe, expect, inject, it } from 'vitest';
import { drillCase, faultOf, pickCases } from './cases.ts';

const cases = await pickCases('docker');

describe.skipIf(!inject('dockerAnswers'))('a backup from the field, restored in a container', () => {
  it.each(cases)('$name: $want, because $why', async (fieldCase) => {
    expect(faultOf(fieldCase, await drillCase(fieldCase))).toBeUndefined();
  });
});
