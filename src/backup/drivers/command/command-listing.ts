import type { Readable } from 'node:stream';
import { z } from 'zod';
import { DrillError } from '../../../support/errors.ts';
import type { StoredObject } from '../../source.ts';

/** Maximum line length; keys in object stores have at most 1024 bytes. */
const MAX_LINE_BYTES = 65_536;
const MAX_KEY_BYTES = 4096;

const RFC_3339 = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/i;

const lineSchema = z.object(
  {
    key: z
      .string('"key" must be text')
      .refine((key) => key !== '' && Buffer.byteLength(key) <= MAX_KEY_BYTES, {
        error: `"key" must have 1 to ${MAX_KEY_BYTES} bytes`,
      })
      .refine((key) => !key.includes('\0') && !key.split('/').includes('..'), {
        error: '"key" must not have ".." between slashes, or a NUL',
      }),
    size: z.int('"size" must be a whole number of bytes').min(0, '"size" must not be negative'),
    modified: z
      .string('"modified" must be an instant in RFC 3339')
      .refine((text) => RFC_3339.test(text) && isOnCalendar(text), {
        error: '"modified" must be an instant in RFC 3339 such as 2026-01-31T02:30:00Z',
      }),
    etag: z.string('"etag" must be text').optional(),
  },
  'it is not a JSON object',
);

/**
 * Reads a listing as it arrives, one JSON object per line. Blank lines are skipped.
 * @param what describes the source, for messages.
 * @throws DrillError `source-failed` for a line that is not a backup. The message never includes the line's content.
 */
export async function* readListing(stdout: Readable, what: string): AsyncGenerator<StoredObject> {
  let number = 0;
  for await (const line of readLines(stdout)) {
    number += 1;
    const read = line === undefined ? `it is longer than ${MAX_LINE_BYTES} bytes` : readLine(line);
    if (read === undefined) continue;
    if (typeof read === 'object') {
      yield read;
      continue;
    }
    throw new DrillError('source-failed', `line ${number} of the listing by ${what} is not a backup: ${read}`, {
      hint: 'Each line must be an object such as {"key":"orders.dump","size":1024,"modified":"2026-01-31T02:30:00Z"}; write messages to standard error.',
    });
  }
}

/** @returns undefined for a blank line; a description of the problem for a line that is not a backup. */
function readLine(line: Buffer): StoredObject | string | undefined {
  const text = decode(line);
  if (text === undefined) return 'it is not UTF-8';
  if (text.trim() === '') return undefined;
  const parsed = lineSchema.safeParse(parseJson(text));
  if (!parsed.success) return parsed.error.issues[0]?.message ?? 'it is not a backup';
  const { key, size, modified, etag } = parsed.data;
  const tag = etag === undefined ? '' : ` ${etag}`;
  return { key, sizeBytes: size, modifiedAt: new Date(modified), etag: `${size} ${modified}${tag}` };
}

/** JavaScript parses 30 February as 2 March. */
function isOnCalendar(text: string): boolean {
  const [year = 0, month = 0, day = 0] = text.slice(0, 10).split('-').map(Number);
  return !Number.isNaN(Date.parse(text)) && new Date(Date.UTC(year, month - 1, day)).getUTCDate() === day;
}

/** Splits at line ends, in bounded memory. Yields undefined for a line that is too long, and then stops. */
async function* readLines(stdout: Readable): AsyncGenerator<Buffer | undefined> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of stdout as AsyncIterable<Buffer>) {
    let data = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    for (let end = data.indexOf(10); end >= 0; end = data.indexOf(10)) {
      if (end > MAX_LINE_BYTES) {
        yield undefined;
        return;
      }
      yield data.subarray(0, end);
      data = data.subarray(end + 1);
    }
    if (data.length > MAX_LINE_BYTES) {
      yield undefined;
      return;
    }
    rest = data;
  }
  if (rest.length > 0) yield rest;
}

function decode(line: Buffer): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(line);
  } catch {
    return undefined; // the caller reports it
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
