import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { BackupSource } from '../../../../src/backup/source.ts';
import { must, never } from '../../../contracts/source-contract.ts';
import { type LocalStore, startLocalStore } from './local-store.ts';

const OBJECT = { key: 'a.dump', sizeBytes: 4, modifiedAt: new Date('2026-11-28T00:00:00Z'), etag: '"one"' };
const LISTING =
  '<ListBucketResult><Name>acme</Name><KeyCount>0</KeyCount><IsTruncated>false</IsTruncated></ListBucketResult>';
const error = (code: string, message = 'no') => `<Error><Code>${code}</Code><Message>${message}</Message></Error>`;
const RETENTION =
  '<Retention><Mode>COMPLIANCE</Mode><RetainUntilDate>2026-12-28T00:00:00Z</RetainUntilDate></Retention>';

let store: LocalStore;
let source: BackupSource;
let seen: string[];
/** Status and body for a request, by its method and the query parameter that names what is requested. */
let answer: (method: string, what: string) => readonly [status: number, body: string];

beforeEach(async () => {
  seen = [];
  store = await startLocalStore((request, response) => {
    const { method = '', url = '' } = request;
    const what =
      /[?&](versioning|lifecycle|policy|object-lock|retention|legal-hold|versions|versionId)/.exec(url)?.[1] ?? '';
    seen.push(`${method} ${what}`.trim());
    const [status, body] = answer(method, what);
    request.resume();
    response.writeHead(status).end(status === 204 ? undefined : body);
  });
  source = await store.open();
});

afterEach(async () => {
  source.close();
  await store.close();
});

const ask = () => must(source.protection).ask([OBJECT], never());
const probe = () => must(source.protection).probe(undefined, never());

describe('a store that is asked about locks', () => {
  it.each([
    ['does not know the question', [501, error('NotImplemented')], 'unsupported'],
    ['does not allow the method', [405, error('MethodNotAllowed')], 'unsupported'],
    ['ignores the question, and lists', [200, LISTING], 'unsupported'],
    ['breaks', [400, error('InvalidArgument')], 'failed'],
  ] as const)('and %s is distinguished from one without locks, after a single request', async (_, given, why) => {
    answer = () => given;
    expect((await ask()).locks).toMatchObject({ known: false, why });
    expect(seen.filter((one) => one === 'GET object-lock')).toHaveLength(1);
    expect(seen).not.toContain('GET retention');
  });

  it.each([
    [404, error('ObjectLockConfigurationNotFoundError')],
    [400, error('InvalidRequest', 'Bucket is missing Object Lock Configuration')],
  ])('and answers %i %s counts as having none', async (...given) => {
    answer = () => given;
    expect((await ask()).locks).toMatchObject({ known: true, value: [{ mode: undefined, legalHold: false }] });
  });

  it('and answers only questions about the object still reports its locks', async () => {
    answer = (_, what) => (what === 'retention' ? [200, RETENTION] : [403, error('AccessDenied')]);
    expect(await ask()).toMatchObject({
      locks: {
        known: true,
        value: [{ mode: 'compliance', until: new Date('2026-12-28T00:00:00Z'), legalHold: false }],
      },
      versioning: { known: false, why: 'denied' },
      deniedByPolicy: { known: false, why: 'denied' },
    });
  });

  it('and denies every question has unknown locks', async () => {
    answer = () => [403, error('AccessDenied')];
    expect((await ask()).locks).toMatchObject({ known: false, why: 'denied' });
  });

  it('and has a policy that is not JSON still reports the rest', async () => {
    answer = (_, what) => (what === 'policy' ? [200, '{'] : [404, error('ObjectLockConfigurationNotFoundError')]);
    expect(await ask()).toMatchObject({ locks: { known: true }, deniedByPolicy: { known: false, why: 'failed' } });
  });
});

describe('an attempt to delete a marker', () => {
  it.each([
    ['is denied', [403, error('AccessDenied')], { outcome: 'refused', written: false }],
    ['is allowed', [204, ''], { outcome: 'allowed' }],
    ['breaks', [400, error('InvalidArgument')], { outcome: 'failed' }],
    ['is not made by a known key', [403, error('InvalidAccessKeyId')], { outcome: 'failed' }],
  ] as const)('by credentials that may not write, which %s', async (_, given, outcome) => {
    answer = (method) => (method === 'DELETE' ? given : [403, error('AccessDenied')]);
    expect(await probe()).toMatchObject(outcome);
    expect(seen).toEqual(['GET versions', 'PUT', 'DELETE versionId']);
  });

  it('that a store refuses in its own words counts as refused', async () => {
    answer = (method) => {
      if (method === 'DELETE')
        return [400, error('InvalidRequest', 'Object is WORM protected and cannot be overwritten')];
      return method === 'PUT' ? [200, ''] : [403, error('AccessDenied')];
    };
    expect(await probe()).toMatchObject({ outcome: 'refused', written: true });
  });
});
