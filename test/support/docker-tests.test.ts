import { globSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

it('every Docker test is skipped when no engine responds', () => {
  const files = globSync('test/**/*.docker.test.ts');
  expect(files.length).toBeGreaterThan(10);
  expect(files.filter((file) => !readFileSync(file, 'utf8').includes("inject('dockerAnswers')"))).toEqual([]);
});
