import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const TESTS = fileURLToPath(new URL('..', import.meta.url));
/** Vitest runs this one again for each test file. */
const SETUP = 'support/unit-setup.ts';

// Unit tests share a process, so a helper's module runs once, for the first file that imports it: a hook in it would apply only to that file.
it('test helpers register no hook when loaded', () => {
  const helpers = globSync('**/*.ts', { cwd: TESTS }).filter((file) => !file.endsWith('.test.ts') && file !== SETUP);
  const hooked = helpers.filter((file) =>
    /^(?:before|after)(?:Each|All)\(/m.test(readFileSync(join(TESTS, file), 'utf8')),
  );
  expect(hooked).toEqual([]);
});
