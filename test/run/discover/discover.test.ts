import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import type { SourceSpec } from '../../../src/backup/registry.ts';
import type { BackupSource } from '../../../src/backup/source.ts';
import { ENGINE_TYPES, engineOf } from '../../../src/engines/registry.ts';
import { discover } from '../../../src/run/discover/discover.ts';
import type { Place } from '../../../src/run/discover/place.ts';
import { systemClock } from '../../../src/support/clock.ts';
import { DrillError } from '../../../src/support/errors.ts';
import { createMemoryStore } from '../../support/memory-store.ts';

const DUMP = 'SET a = 1;\nCREATE TABLE public.t (id integer);\n';
const AT = new Date('2026-11-28T03:00:00Z');

function specOf(prefix: string): Extract<SourceSpec, { type: 's3' }> {
  const nothing = { endpoint: undefined, region: undefined, forcePathStyle: undefined, profile: undefined };
  return { type: 's3', bucket: 'acme', prefix, ...nothing, credentials: undefined };
}

/** A bucket whose policy denies listing anything above `shop/`. */
function fakeSource({ prefix }: { readonly prefix: string }): BackupSource {
  return {
    description: `s3://acme/${prefix}`,
    prefix,
    async *list() {
      if (prefix === '') throw new DrillError('source-denied', 'listing is denied', { hint: 'Allow s3:ListBucket.' });
      yield { key: `${prefix}db-2026-11-28.sql`, sizeBytes: DUMP.length, modifiedAt: AT, etag: 'a' };
    },
    read: async (_, { start, end }) => Readable.from([Buffer.from(DUMP.slice(start, end))]),
    readTags: async () => ({}),
    close: () => undefined,
  };
}

async function look(places: readonly Place[], servers: readonly URL[] = []) {
  const { record, reach } = await discover(
    {
      drills: [],
      places,
      servers: servers.map((url) => ({ url, password: undefined })),
      maxRequests: 100,
      signal: new AbortController().signal,
      notes: [],
      onProgress: () => undefined,
    },
    {
      clock: systemClock,
      store: createMemoryStore(),
      redact: (text) => text,
      openSource: async (spec) => fakeSource(spec as { prefix: string } & typeof spec),
      engines: ENGINE_TYPES.map((type) => {
        const engine = engineOf(type);
        const listDatabases = async () => Promise.reject(new DrillError('database-failed', 'connection refused'));
        return engine.sql ? { ...engine, sql: { ...engine.sql, listDatabases } } : engine;
      }),
    },
  );
  return { ...record, reach };
}

test('inspects only the sources of drills, and says so, when the credentials do not cover the whole bucket', async () => {
  const place = { spec: specOf(''), given: undefined, origin: '/w/d.yaml', within: [specOf('shop/')] };
  const { findings, problems, reach } = await look([place]);
  expect(findings).toMatchObject([{ state: 'not-covered', source: 's3://acme/shop/', match: 'db-*.sql' }]);
  expect(problems).toMatchObject([
    { where: 's3://acme/', message: 'only the sources of drills are looked at: listing is denied', isError: false },
  ]);
  expect(reach).toEqual({ whole: ['s3://acme/shop/'], narrowed: ['s3://acme/'] });
});

test('continues after a source or server that cannot be read', async () => {
  const denied = { spec: specOf(''), given: 's3://acme/', origin: undefined, within: [] };
  const fine = { spec: specOf('shop/'), given: 's3://acme/shop/', origin: undefined, within: [] };
  const { findings, problems } = await look([denied, fine], [new URL('postgres://u:secret@db1:5433/x')]);
  expect(findings).toHaveLength(1);
  expect(problems).toMatchObject([
    { where: 's3://acme/', message: 'listing is denied', hint: 'Allow s3:ListBucket.', isError: true },
    { where: 'postgres://db1:5433', message: 'connection refused', isError: true },
  ]);
});
