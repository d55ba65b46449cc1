import { globSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

it('every Docker test asks whether an engine answers, so that it is skipped without one', () => {
  const files = globSync('test/**/*.docker.test.ts');
  expect(files.length).toBeGreaterThan(10);
  expect(files.filter((file) => !readFileSync(file, 'utf8').includes("inject('dockerAnswers')"))).toEqual([]);
});
