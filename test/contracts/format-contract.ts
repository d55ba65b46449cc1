import { describe, expect, it } from 'vitest';
import type { BackupContent } from '../../src/backup/content.ts';
import { findCandidates } from '../../src/backup/selection/candidates.ts';
import type { StoredObject } from '../../src/backup/source.ts';
import type { EngineDescriptor } from '../../src/engines/engine-descriptor.ts';
import type { FormatDescriptor } from '../../src/engines/format.ts';
import { createEngine } from '../../src/engines/open-backup.ts';
import { bytesContent, directoryContent } from '../support/fake-content.ts';

/** A backup in one format, built in memory. */
export interface Sample {
  readonly what: string;
  readonly content: () => BackupContent | Promise<BackupContent>;
  /** The error code of opening it, for a format that is recognised and refused. */
  readonly refusedWith?: string;
  /** Whether it identifies the product, so that drills of other products can say so. */
  readonly isClaimed: boolean;
}

export interface FormatUnderTest {
  readonly engine: EngineDescriptor;
  readonly format: FormatDescriptor;
  readonly samples: readonly Sample[];
  /** Samples of all other formats. */
  readonly others: readonly Sample[];
  readonly allEngines: readonly EngineDescriptor[];
}

const never = new AbortController().signal;

/** Content that is not a backup of any product. */
const STRANGE: readonly Sample[] = [
  ['zeros', bytesContent(Buffer.alloc(4096))],
  ['random bytes', bytesContent(Buffer.from('deadbeef0011223344', 'hex'))],
  ['a message', bytesContent(Buffer.from('connection to server failed\n'))],
  ['an HTML page', bytesContent(Buffer.from('<!DOCTYPE html>\n<html>\n'))],
  ['an encrypted file', bytesContent(Buffer.from('age-encryption.org/v1\n-> X25519'))],
  ['an SQLite database', bytesContent(Buffer.from('SQLite format 3\0 and so on'))],
  ['a directory of pictures', directoryContent({ 'a.jpg': 'x', 'b.jpg': 'y' })],
].map(([what, content]) => ({ what: what as string, content: () => content as BackupContent, isClaimed: false }));

const stored = (key: string): StoredObject => ({ key, sizeBytes: 1, modifiedAt: new Date(0), etag: key });

/** What every line of an engine's registry of formats must do before any sandbox is started. */
export function describeFormatContract({ engine, format, samples, others, allEngines }: FormatUnderTest): void {
  const codeIn = async (drill: EngineDescriptor, { content }: Sample, signal = never): Promise<string> =>
    createEngine(drill, allEngines)
      .inspect(await content(), signal)
      .then(
        ({ facts }) => `opened as ${facts.format}`,
        (error: { code?: string }) => String(error.code ?? error),
      );

  describe(`${format.name} in ${engine.type} keeps the formats' contract`, () => {
    const readable = samples.filter(({ refusedWith }) => refusedWith === undefined);
    const refused = samples.filter(({ refusedWith }) => refusedWith !== undefined);
    const claimed = samples.filter(({ isClaimed }) => isClaimed);

    it.each(samples)('recognises $what', async ({ content, isClaimed }) => {
      const given = await content();
      expect(format.claims(given)).toBe(isClaimed);
      expect((await format.load()).recognise(given)).toBeDefined();
    });

    if (format.layout) {
      it('counts as one candidate in a listing with others', async () => {
        const { layouts } = createEngine(engine, allEngines);
        const isNamedByMatch = [format.layout ?? []].flat().some(({ anyFolder }) => anyFolder);
        for (const { what, content, refusedWith } of samples) {
          const given = await content();
          if (given.kind === 'object' || refusedWith === 'backup-truncated') continue;
          const { key: directory } = given.backup;
          const names = [...given.members.keys()].map((name) => `${directory}${name}`);
          const match = isNamedByMatch ? directory : '**';
          const { matched } = findCandidates(names.concat('orders.sql').map(stored), { prefix: '', match, layouts });
          const found = isNamedByMatch ? [directory] : [directory, 'orders.sql'];
          expect(matched.map(({ key }) => key).sort(), what).toEqual(found);
        }
      });
    }

    it.each(readable)('reads what $what contains and needs, without a sandbox', async (sample) => {
      const { facts, needs } = await createEngine(engine, allEngines).inspect(await sample.content(), never);
      expect(facts).toMatchObject({ engine: engine.type, format: expect.stringMatching(/\w/) });
      expect(facts.serverVersion).toMatch(/^(?:\d+(?:\.\d+)*|unknown)$/);
      expect(needs.major).toMatch(/^\d+(?:\.\d+)?$/);
    });

    it.each(refused)('refuses $what', async (sample) => {
      expect(await codeIn(engine, sample)).toBe(sample.refusedWith);
    });

    it.each(claimed)('lets every other product identify $what', async (sample) => {
      const strangers = allEngines.filter(
        ({ formats, takesAnyContent }) => !takesAnyContent && formats.every(({ name }) => name !== format.name),
      );
      expect(strangers).not.toEqual([]);
      for (const drill of strangers) expect(await codeIn(drill, sample)).toBe('engine-mismatch');
    });

    it('claims only its own files', async () => {
      for (const { what, content } of [...others, ...STRANGE]) expect(format.claims(await content()), what).toBe(false);
    });

    it('refuses a file that is not a backup', async () => {
      for (const sample of STRANGE) {
        if (engine.takesAnyContent && (await sample.content()).kind === 'directory') continue;
        expect(await codeIn(engine, sample), sample.what).toMatch(
          /^(?:backup|format)-(?:empty|unrecognised|encrypted|unsupported)$/,
        );
      }
    });

    it.each(samples)('does not open $what once the signal has aborted', async (sample) => {
      expect(await codeIn(engine, sample, AbortSignal.abort('over'))).toBe('over');
    });
  });
}
