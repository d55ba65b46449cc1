import { describe, expect, it } from 'vitest';
import { drillSchema } from '../../src/config/drill-schema.ts';
import { toJsonSchema } from '../../src/config/json-schema.ts';
import { settingsSchema } from '../../src/config/settings-schema.ts';

const DRILL = {
  name: 'orders',
  backup: { source: './backups', match: '*.dump' },
  engine: { type: 'postgres' },
  objectives: { rto: '15m' },
  checks: [{ name: 'tables are there', sql: 'select 1', expect: 1 }],
};

function examplesOf(file: 'drill' | 'settings'): [string, unknown][] {
  return Object.entries(toJsonSchema(file).properties ?? {}).flatMap(([key, { examples = [] }]) =>
    examples.map((example): [string, unknown] => [key, example]),
  );
}

describe('the examples in the reference', () => {
  it.each(examplesOf('drill'))('are valid for %s of a drill', (key, example) => {
    expect(drillSchema.safeParse({ ...DRILL, [key]: example }).error?.issues).toBeUndefined();
  });

  it.each(examplesOf('settings'))('are valid for %s of the settings', (key, example) => {
    expect(settingsSchema.safeParse({ [key]: example }).error?.issues).toBeUndefined();
  });

  it.each(['drill', 'settings'] as const)('exist for each mapping and list of a %s', (file) => {
    const keys = Object.entries(toJsonSchema(file).properties ?? {});
    const large = keys.filter(([, { properties, items, anyOf }]) => properties ?? items ?? anyOf);
    expect(large.filter(([, { examples = [] }]) => examples.length === 0).map(([key]) => key)).toEqual([]);
    expect(large.length).toBeGreaterThan(4);
  });
});
