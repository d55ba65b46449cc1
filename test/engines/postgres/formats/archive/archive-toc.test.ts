import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { factsOfArchive } from '../../../../../src/engines/postgres/formats/archive/archive-facts.ts';
import { NeedMoreBytes } from '../../../../../src/engines/postgres/formats/archive/archive-reader.ts';
import { readArchiveToc } from '../../../../../src/engines/postgres/formats/archive/archive-toc.ts';
import { DrillError } from '../../../../../src/support/errors.ts';
import { makeArchive } from './archive-bytes.ts';

const ENTRIES = [
  { desc: 'EXTENSION', tag: 'pg_trgm', defn: 'CREATE EXTENSION pg_trgm;\n', owner: '' },
  { desc: 'TABLE', tag: 'customer', owner: 'shop' },
  {
    desc: 'ACL',
    tag: 'TABLE customer',
    defn: 'GRANT SELECT ON TABLE public.customer TO "Billing Team";\nGRANT ALL ON TABLE public.customer TO pg_monitor;\n',
    owner: 'shop',
  },
  {
    desc: 'POLICY',
    tag: 'customer mine',
    defn: "CREATE POLICY mine ON public.customer TO clerk USING ((owner = 'TO nobody'::text));\n",
  },
  { desc: 'EVENT TRIGGER', tag: 'audit', owner: 'dba' },
  { desc: 'TABLE DATA', tag: 'customer', owner: 'shop', hasData: true, file: '3650.dat' },
];

describe('the table of contents of a pg_dump archive', () => {
  it.each([12, 13, 14, 15, 16])('is read in version 1.%i', (minor) => {
    const toc = readArchiveToc(makeArchive({ minor, entries: ENTRIES }));
    expect(toc).toMatchObject({
      version: [1, minor, 0],
      layout: 'custom',
      compression: 'gzip',
      database: 'orders',
      createdAt: '2026-11-21 10:16:11',
    });
    expect(toc.entries.map(({ tag }) => tag)).toEqual(ENTRIES.map(({ tag }) => tag));
  });

  it('names the data files of a directory or tar', () => {
    const toc = readArchiveToc(makeArchive({ layout: 3, entries: ENTRIES }));
    expect(toc.entries.filter(({ hasData }) => hasData).map(({ file }) => file)).toEqual(['3650.dat']);
  });

  it('lists extensions, roles, tables and versions before any server exists', () => {
    const facts = factsOfArchive(readArchiveToc(makeArchive({ entries: ENTRIES })), 'pg_dump custom archive');
    expect(facts).toMatchObject({
      serverVersion: '17.11',
      dumpedBy: 'pg_dump 17.11',
      roles: ['Billing Team', 'clerk', 'dba', 'shop'],
      superusers: ['dba'],
      tableCount: 1,
      needs: { major: '17', extensions: ['pg_trgm'] },
    });
  });

  it('requires the major whose pg_restore reads the archive when pg_dump was newer than its server', () => {
    const toc = readArchiveToc(makeArchive({ minor: 16, serverVersion: '14.2' }));
    expect(factsOfArchive(toc, 'x')).toMatchObject({ serverVersion: '14.2', needs: { major: '17' } });
  });

  it('is reported as truncated wherever it is cut', () => {
    const bytes = makeArchive({ entries: ENTRIES });
    for (let length = 5; length < bytes.length; length += 1) {
      expect(() => readArchiveToc(bytes.subarray(0, length)), `cut at ${length}`).toThrow(NeedMoreBytes);
    }
  });

  it('is reported as truncated or corrupt when damaged, never with another error', () => {
    const bytes = makeArchive({ entries: ENTRIES });
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const damaged = Buffer.from(bytes);
        damaged[at] = (damaged[at] ?? 0) ^ change;
        try {
          readArchiveToc(damaged);
        } catch (error) {
          const isExpected =
            error instanceof NeedMoreBytes || (error instanceof DrillError && error.code === 'backup-corrupt');
          if (!isExpected) throw error;
        }
      }),
      { numRuns: 3000 },
    );
  });

  it('is refused with an id for which pg_restore would allocate gigabytes of memory', () => {
    const bytes = makeArchive({ entries: ENTRIES });
    const id = readArchiveToc(bytes).entriesOffset + 5; // after the number of entries, and before the sign byte
    bytes.writeUInt32LE(0x10000001, id + 1);
    expect(() => readArchiveToc(bytes)).toThrow('entry id 268435457');
  });

  it('allocates nothing for a length that it only claims', () => {
    const bytes = makeArchive({ entries: ENTRIES });
    const claim = Buffer.from(bytes);
    claim.writeUInt32LE(0x0fffffff, bytes.indexOf('pg_trgm') - 4);
    expect(() => readArchiveToc(claim)).toThrow(NeedMoreBytes);
    claim.writeUInt32LE(0x7fffffff, bytes.indexOf('pg_trgm') - 4);
    expect(() => readArchiveToc(claim)).toThrow('a string of 2147483647 bytes');
  });
});
