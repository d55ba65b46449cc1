import { constants, crc32, deflateRawSync, gzipSync } from 'node:zlib';
import type { Context } from 'hono';
import { accepts } from 'hono/accepts';
import { type Markup, trusted } from '../support/html.ts';

/** A large part of a page that is the same for every user: encoded and compressed once, it is cheap to send again. */
export interface SharedPart {
  readonly bytes: Buffer;
  /** A raw deflate stream without a final block, so that others can follow it. */
  readonly deflated: Buffer;
}

/** A page in which {@link SHARED_HERE} stands for each of its shared parts, in order. */
export interface SharingPage {
  readonly page: Markup;
  readonly shared: readonly SharedPart[];
}

const MARK = '\0'; // never occurs in printable text
export const SHARED_HERE: Markup = trusted(MARK);

/** Pages are generated per request: the fastest level takes a third of the default's time and produces a tenth more bytes. */
const QUICK = { level: constants.Z_BEST_SPEED };
/** A full flush, so that the following data does not refer to earlier data: RFC 1951, and Z_FULL_FLUSH in https://zlib.net/manual.html. */
const OPEN = { ...QUICK, finishFlush: constants.Z_FULL_FLUSH };

export function sharedPart(markup: Markup): SharedPart {
  const bytes = Buffer.from(markup.toString());
  return { bytes, deflated: deflateRawSync(bytes, { finishFlush: constants.Z_FULL_FLUSH }) };
}

/** Responds with a page in one piece, compressed if the client accepts it; streaming would take several times as long. */
export function sendPage(context: Context, page: Markup | SharingPage): Response {
  const { page: markup, shared } = 'shared' in page ? page : { page, shared: [] };
  const own = markup
    .toString()
    .split(MARK)
    .map((text) => Buffer.from(text));
  if (own.length !== shared.length + 1) throw new RangeError(`${own.length - 1} places for ${shared.length} parts`);
  const headers = { 'Content-Type': 'text/html; charset=UTF-8', Vary: 'Accept-Encoding' };
  const encoding = accepts(context, { header: 'Accept-Encoding', supports: ['gzip'], default: 'identity' });
  if (encoding === 'identity') return context.body(toBody(joinParts(own, shared, ({ bytes }) => bytes)), 200, headers);
  return context.body(toBody(zip(own, shared)), 200, { ...headers, 'Content-Encoding': 'gzip' });
}

/** One gzip member (RFC 1952), from parts that were compressed separately. */
function zip(own: readonly Buffer[], shared: readonly SharedPart[]): readonly Buffer[] {
  const [only] = own;
  if (only && own.length === 1) return [gzipSync(only, QUICK)];
  const plain = joinParts(own, shared, ({ bytes }) => bytes);
  const packed = own.map((bytes, index) => deflateRawSync(bytes, index === own.length - 1 ? QUICK : OPEN));
  const end = Buffer.alloc(8);
  end.writeUInt32LE(
    plain.reduce((sum, bytes) => crc32(bytes, sum), 0),
    0,
  );
  end.writeUInt32LE(
    plain.reduce((sum, { length }) => sum + length, 0),
    4,
  );
  return [GZIP_HEAD, ...joinParts(packed, shared, ({ deflated }) => deflated), end];
}

/** Deflate, no flags, no time, unknown operating system. */
const GZIP_HEAD = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff]);

function joinParts(
  own: readonly Buffer[],
  shared: readonly SharedPart[],
  pick: (part: SharedPart) => Buffer,
): Buffer[] {
  return own.flatMap((bytes, index) => {
    const next = shared[index];
    return next ? [bytes, pick(next)] : [bytes];
  });
}

function toBody(parts: readonly Buffer[]): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.concat(parts));
}
