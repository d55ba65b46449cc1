import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { generatedFiles } from '../../src/cli/reference/generated-files.ts';
import { schemaCommand } from '../../src/cli/schema.ts';
import { memoryIo } from './memory-io.ts';

async function schemaOf(which: string): Promise<Record<string, unknown>> {
  const io = memoryIo('/');
  expect(await schemaCommand(io, { which })).toBe(0);
  return JSON.parse(io.out()) as Record<string, unknown>;
}

describe('firedrill schema', () => {
  it('describes every key of a drill', async () => {
    const missing: string[] = [];
    const look = (schema: unknown, path: string): void => {
      if (typeof schema !== 'object' || schema === null) return;
      for (const [key, value] of Object.entries(schema)) {
        if (key === 'properties') {
          for (const [name, property] of Object.entries(value as Record<string, { description?: string }>)) {
            if (!property.description) missing.push(`${path}.${name}`);
          }
        }
        look(value, `${path}.${key}`);
      }
    };
    look(await schemaOf('drill'), 'drill');
    look(await schemaOf('settings'), 'settings');
    expect(missing).toEqual([]);
  });

  it('accepts the samples and refuses an unknown key', async () => {
    const schema = z.fromJSONSchema((await schemaOf('drill')) as z.core.JSONSchema.JSONSchema);
    for (const file of ['drills/shop.yaml', 'drills/orders.yaml', 'demo/drills/slow.yaml']) {
      const drill = parse(await readFile(file, 'utf8')) as Record<string, unknown>;
      expect(schema.safeParse(drill).error).toBeUndefined();
      expect(schema.safeParse({ ...drill, ownr: 'x' }).success).toBe(false);
    }
  });

  it('lists the kinds of schema when asked for an unknown one', async () => {
    await expect(schemaCommand(memoryIo('/'), { which: 'drills' })).rejects.toMatchObject({
      code: 'usage',
      message: 'there is no schema named "drills"',
      hint: 'Use one of drill, settings, as in `firedrill schema drill`.',
    });
  });
});

describe('generated documentation', () => {
  it('is up to date: `npm run docs` writes it', async () => {
    for (const [path, text] of await generatedFiles()) expect(await readFile(path, 'utf8'), path).toBe(text);
  });
});
