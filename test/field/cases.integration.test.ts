import { describe, expect, it } from 'vitest';
import { hasHostMariadb } from '../support/host-mariadb.ts';
import { drillCase, faultOf, pickCases } from './cases.ts';

const cases = await pickCases('local');

describe('a backup from the field, restored by a server on this host', () => {
  it.skipIf(!hasHostMariadb && process.env['CI'] !== 'true').each(cases)(
    '$name: $want, because $why',
    async (fieldCase) => {
      expect(faultOf(fieldCase, await drillCase(fieldCase))).toBeUndefined();
    },
  );
});
