import { expect, test } from 'vitest';
import { hashDefinition } from '../../src/config/definition.ts';
import { fakeDefinition } from '../run/fake-drill.ts';

test('hashes a definition once, when its hash is first read', () => {
  const drill = fakeDefinition(1000);
  let reads = 0;
  const engine = Object.defineProperty({ ...drill.engine }, 'type', {
    enumerable: true,
    get: () => {
      reads += 1;
      return drill.engine.type;
    },
  });
  const hashed = hashDefinition({ ...drill, engine });
  expect(reads).toBe(0);
  expect(hashed.definitionHash).toBe(hashDefinition(drill).definitionHash);
  const readsOfOne = reads;
  expect(hashed.definitionHash).toMatch(/^[0-9a-f]{64}$/);
  expect(reads).toBe(readsOfOne);
});
