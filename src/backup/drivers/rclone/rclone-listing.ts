import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { z } from 'zod';
import { DrillError } from '../../../support/errors.ts';
import { toPrintable } from '../../../support/printable.ts';
import type { StoredObject } from '../../source.ts';

/** One item of `rclone lsjson`. Source: rclone's documentation, "rclone lsjson". */
const itemSchema = z.object({
  Path: z.string(),
  Size: z.number(),
  ModTime: z.string(),
  IsDir: z.boolean(),
  ID: z.string().optional(),
  Tier: z.string().optional(),
  Hashes: z.record(z.string(), z.string()).optional(),
});

/** How reliably a remote's timestamps pin an object. */
export type TimePrecision = 'full' | 'seconds';

/** Reads the output of `lsjson --recursive` as it arrives, one item per line, so that memory use does not grow with the listing. */
export class ListingReader {
  readonly #what: string;
  readonly #precision: TimePrecision;
  #state: 'before' | 'in' | 'whole' = 'before';

  /** @param what the directory, for messages. */
  constructor(what: string, precision: TimePrecision) {
    this.#what = what;
    this.#precision = precision;
  }

  /** Throws `source-failed` if the output is not a listing. */
  async *read(stdout: Readable): AsyncGenerator<StoredObject> {
    for await (const line of createInterface({ input: stdout, crlfDelay: Number.POSITIVE_INFINITY })) {
      const text = line.replace(/,$/, '');
      if (text === '') continue;
      if (text === '[' && this.#state === 'before') this.#state = 'in';
      else if (text === ']' && this.#state === 'in') this.#state = 'whole';
      else if (this.#state === 'in') {
        const object = readItem(text, this.#what, this.#precision);
        if (object) yield object;
      } else throw nonsense(this.#what, text);
    }
  }

  /** Throws `source-failed` if the listing was truncated. */
  requireWhole(): void {
    if (this.#state !== 'whole') throw nonsense(this.#what, 'it has no end');
  }
}

/**
 * Reads one item of `lsjson`.
 * @returns undefined for a directory; stores without directories report one for any name. Throws `source-failed` if it is not an item, or contradicts itself.
 */
export function readItem(text: string, what: string, precision: TimePrecision): StoredObject | undefined {
  const item = itemSchema.safeParse(parseJson(text));
  if (!item.success) throw nonsense(what, text);
  if (item.data.IsDir) return undefined;
  const { Path: key, Size: sizeBytes, Tier: storageClass } = item.data;
  const modifiedAt = new Date(item.data.ModTime);
  if (Number.isNaN(modifiedAt.getTime()) || key === '' || key.split('/').includes('..')) throw nonsense(what, text);
  if (sizeBytes < 0) {
    throw new DrillError('source-failed', `${what} does not say how large ${toPrintable(key)} is`, {
      hint: 'Keep files without a size (such as Google Docs) out of the directory; RCLONE_DRIVE_SKIP_GDOCS=true skips those.',
    });
  }
  return {
    key,
    sizeBytes,
    modifiedAt,
    etag: etagOf(item.data, modifiedAt, precision),
    ...(storageClass === undefined || storageClass === '' ? {} : { storageClass }),
  };
}

/** All attributes that reveal when a store replaced an object. */
function etagOf(
  { Size, ModTime, ID, Hashes = {} }: z.output<typeof itemSchema>,
  modifiedAt: Date,
  precision: TimePrecision,
): string {
  const time = precision === 'full' ? ModTime : String(Math.floor(modifiedAt.getTime() / 1000));
  const hashes = Object.entries(Hashes)
    .map(([name, hash]) => `${name}:${hash}`)
    .sort();
  return [Size, time, ID ?? '', ...hashes].join(' ');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function nonsense(what: string, text: string): DrillError {
  return new DrillError('source-failed', `rclone did not answer with a listing for ${what}: ${toPrintable(text)}`, {
    hint: 'See what `rclone lsjson` prints there, as the user who runs Firedrill.',
  });
}
