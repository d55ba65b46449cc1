import type { ReadRange } from '../../../../../backup/source.ts';

/** The parts of a request that decide whether it is answered. */
export interface GatewayRequest {
  readonly method?: string | undefined;
  /** As received: neither decoded nor normalized. */
  readonly url?: string | undefined;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
}

export interface Refusal {
  readonly kind: 'refused';
  readonly status: number;
  /** An error code of S3. */
  readonly code: string;
  /** For the run’s log, without what was requested. */
  readonly why: string;
}

export type Decision<File> =
  | Refusal
  | { readonly kind: 'missing' }
  /** The served files whose names start with `prefix`; full names. */
  | { readonly kind: 'listing'; readonly prefix: string; readonly isDeep: boolean }
  | {
      readonly kind: 'file';
      readonly file: File;
      readonly range: ReadRange;
      /** Whether only part of the file was requested. */
      readonly isPart: boolean;
      readonly withBody: boolean;
    };

/** The repository's directory in the bucket that pgBackRest is configured with. */
export const REPOSITORY_PATH = '/repository';
export const BUCKET = 'firedrill';

const PREFIX = `/${BUCKET}${REPOSITORY_PATH}/`;
const MAX_URL = 2048;

/**
 * Allows GET and HEAD of files below the repository, and listings of those same files, and nothing else: no writes, no other location.
 * @param files what the gateway serves, by name relative to the repository.
 */
export function decideRequest<File extends { readonly sizeBytes: number }>(
  { method, url = '', headers }: GatewayRequest,
  files: ReadonlyMap<string, File>,
): Decision<File> {
  if (method !== 'GET' && method !== 'HEAD') return refuse(405, 'MethodNotAllowed', 'a method other than GET and HEAD');
  if (url.length > MAX_URL) return refuse(414, 'KeyTooLongError', `a URL of more than ${MAX_URL} characters`);
  if (!url.startsWith('/')) return refuse(400, 'InvalidURI', 'an absolute URL');
  if (hasBody(headers)) return refuse(400, 'InvalidRequest', 'a body');
  const query = url.indexOf('?');
  if (query >= 0) return listingOf(url.slice(0, query), url.slice(query + 1));
  const name = nameIn(url);
  if (typeof name !== 'string') return name;
  const file = files.get(name);
  if (!file) return { kind: 'missing' };
  const range = rangeOf(headers['range'], file.sizeBytes);
  if ('kind' in range) return range;
  return { kind: 'file', file, ...range, withBody: method === 'GET' };
}

/** Allows fewer characters than a URL may have, so that no spelling leads elsewhere: dots, slashes and backslashes are never encoded. */
function nameIn(url: string): string | Refusal {
  if (!/^(?:[\w/.~+=:,@!$&'()*;-]|%[0-9A-Fa-f]{2})+$/.test(url)) return refuse(400, 'InvalidURI', 'an odd character');
  if (/%(?:2[ef]|5c|25|[01][0-9a-f]|7f)/i.test(url))
    return refuse(403, 'AccessDenied', 'an encoded slash, dot or control character');
  const parts = url.split('/').slice(1);
  if (parts.some((part) => part === '' || part === '.' || part === '..'))
    return refuse(403, 'AccessDenied', 'an empty part of a path, or one of dots');
  if (!url.startsWith(PREFIX)) return refuse(403, 'AccessDenied', 'a place outside of the repository');
  try {
    return decodeURIComponent(url.slice(PREFIX.length));
  } catch {
    return refuse(400, 'InvalidURI', 'text that is not UTF-8');
  }
}

/** A request as pgBackRest makes it to list timelines. Source: its src/storage/s3/storage.c, storageS3ListInternal. */
function listingOf(path: string, query: string): Refusal | Extract<Decision<never>, { kind: 'listing' }> {
  const asked = new URLSearchParams(query);
  const { size } = new Set(asked.keys());
  const prefix = asked.get('prefix') ?? '';
  const [type, delimiter] = [asked.get('list-type'), asked.get('delimiter')];
  const isWhole = size === asked.size && size === (delimiter === null ? 2 : 3);
  const isListing = path === `/${BUCKET}/` && type === '2' && isWhole && (delimiter ?? '/') === '/';
  if (!isListing) return refuse(403, 'AccessDenied', 'a query');
  const place = `/${BUCKET}/${prefix}`;
  if (!place.startsWith(PREFIX) || place.includes('//') || /\/\.{1,2}(?:\/|$)/.test(place))
    return refuse(403, 'AccessDenied', 'a listing of a place outside of the repository');
  return { kind: 'listing', prefix: place.slice(PREFIX.length), isDeep: delimiter === null };
}

function hasBody(headers: GatewayRequest['headers']): boolean {
  return headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0';
}

/** A single range as in RFC 9110 14.1.2; pgBackRest does not request ranges counted from the end. */
function rangeOf(
  header: string | readonly string[] | undefined,
  sizeBytes: number,
): { readonly range: ReadRange; readonly isPart: boolean } | Refusal {
  if (header === undefined) return { range: { start: 0, end: sizeBytes }, isPart: false };
  const [, first, last] = /^bytes=(\d{1,15})-(\d{1,15})?$/.exec(String(header)) ?? [];
  const start = Number(first);
  const end = last === undefined ? sizeBytes : Math.min(Number(last) + 1, sizeBytes);
  if (first === undefined || start >= end) return refuse(416, 'InvalidRange', 'a range that the file does not have');
  return { range: { start, end }, isPart: true };
}

function refuse(status: number, code: string, why: string): Refusal {
  return { kind: 'refused', status, code, why };
}
