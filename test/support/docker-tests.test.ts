import { glob, readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';

it('every Docker test asks whether an engine answers, so that it is skipped without one', async () => {
  const files = await Array.fromAsync(glob('test/**/*.docker.test.ts'));
  expect(files.length).toBeGreaterThan(10);
  const texts = await Promise.all(files.map((file) => readFile(file, 'utf8')));
  expect(files.filter((_, index) => !texts[index]?.includes("inject('dockerAnswers')"))).toEqual([]);
});
