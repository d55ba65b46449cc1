import { describe, expect, it } from 'vitest';
import { listFiles } from '../../../../../../src/engines/postgres/formats/pgbackrest/gateway/list-files.ts';
import { decideRequest } from '../../../../../../src/engines/postgres/formats/pgbackrest/gateway/request-rules.ts';

const INFO = 'backup/orders/backup.info';
const BUNDLE = 'backup/orders/20261128-030000F/bundle/1';
const ODD = 'backup/or ders+ü/backup.info';
const files = new Map(
  [INFO, BUNDLE, ODD].map((key) => [key, { key, sizeBytes: 100, modifiedAt: new Date(0) }] as const),
);
const ROOT = '/firedrill/repository/';
const decide = (url: string, method = 'GET', headers: Record<string, string> = {}) =>
  decideRequest({ method, url, headers }, files);

describe('files that the gateway serves', () => {
  it.each([
    [INFO, {}, { start: 0, end: 100 }, false],
    ['backup/or%20ders%2B%C3%BC/backup.info', {}, { start: 0, end: 100 }, false],
    [BUNDLE, { range: 'bytes=10-19' }, { start: 10, end: 20 }, true],
    [BUNDLE, { range: 'bytes=90-' }, { start: 90, end: 100 }, true],
    [BUNDLE, { range: 'bytes=90-5000' }, { start: 90, end: 100 }, true],
    [BUNDLE, { 'content-length': '0' }, { start: 0, end: 100 }, false],
  ])('%s with %j is %j', (name, headers, range, isPart) => {
    expect(decide(ROOT + name, 'GET', headers)).toMatchObject({ kind: 'file', range, isPart, withBody: true });
    expect(decide(ROOT + name, 'HEAD', headers)).toMatchObject({ kind: 'file', range, withBody: false });
  });

  it('exclude files that it was not given', () => {
    for (const name of ['backup/orders/backup.info.copy', 'archive/other/archive.info', 'backup'])
      expect(decide(ROOT + name)).toEqual({ kind: 'missing' });
  });
});

describe('the gateway refuses', () => {
  it.each(['PUT', 'POST', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE', 'CONNECT', 'get', 'PROPFIND'])('%s', (method) => {
    expect(decide(ROOT + INFO, method)).toMatchObject({ kind: 'refused', status: 405 });
  });

  it.each([
    ['/', 403],
    ['/firedrill/', 403],
    ['/firedrill/other/backup.info', 403],
    ['/firedrill/repository', 403],
    ['/other/repository/backup/orders/backup.info', 403],
    ['/firedrill/repositoryx/backup.info', 403],
    ['/firedrill/repository/../secret', 403],
    ['/firedrill/repository/backup/../../../etc/passwd', 403],
    ['/firedrill/repository/./backup/orders/backup.info', 403],
    ['/firedrill/repository//backup/orders/backup.info', 403],
    ['//firedrill/repository/backup/orders/backup.info', 403],
    ['/firedrill/repository/backup%2Forders/backup.info', 403],
    ['/firedrill/repository/%2e%2e/secret', 403],
    ['/firedrill/repository/.%2E/secret', 403],
    ['/firedrill/repository/%252e%252e/secret', 403],
    ['/firedrill/repository/..%5csecret', 403],
    ['/firedrill/repository/backup/orders/backup.info%00', 403],
    ['/firedrill/repository/a%0d%0ab', 403],
    ['/firedrill/repository/..\\secret', 400],
    ['/firedrill/repository/backup/orders/backup.info%', 400],
    ['/firedrill/repository/%ff', 400],
    [`/firedrill/repository/${'a'.repeat(3000)}`, 414],
    ['http://127.0.0.1/firedrill/repository/backup/orders/backup.info', 400],
    ['https://other.example.com/x', 400],
    ['*', 400],
    ['', 400],
    [`${ROOT}${INFO}?acl`, 403],
    [`${ROOT}${INFO}?versionId=1`, 403],
    [`${ROOT}${INFO}#x`, 400],
  ])('%s', (url, status) => {
    expect(decide(url)).toMatchObject({ kind: 'refused', status });
  });

  it.each([
    ['bytes=100-', 416],
    ['bytes=5-4', 416],
    ['bytes=-5', 416],
    ['bytes=0-1,5-6', 416],
    ['lines=0-1', 416],
    ['bytes=0-9999999999999999999', 416],
  ])('the range %s', (range, status) => {
    expect(decide(ROOT + BUNDLE, 'GET', { range })).toMatchObject({ kind: 'refused', status });
  });

  it('a body', () => {
    expect(decide(ROOT + INFO, 'GET', { 'content-length': '5' })).toMatchObject({ kind: 'refused', status: 400 });
    expect(decide(ROOT + INFO, 'GET', { 'transfer-encoding': 'chunked' })).toMatchObject({ kind: 'refused' });
  });
});

describe('a listing', () => {
  const list = (query: string) => {
    const decision = decide(`/firedrill/?${query}`);
    return decision.kind === 'listing' ? listFiles(files, decision) : decision;
  };

  it('contains the files that are served, or those of one directory if pgBackRest asks for one', () => {
    const shallow = String(list('delimiter=%2F&list-type=2&prefix=repository%2Fbackup%2Forders%2F'));
    expect(shallow).toContain('<Key>repository/backup/orders/backup.info</Key>');
    expect(shallow).toContain(
      '<CommonPrefixes><Prefix>repository/backup/orders/20261128-030000F/</Prefix></CommonPrefixes>',
    );
    expect(shallow).toContain('<KeyCount>2</KeyCount>');
    expect(list('list-type=2&prefix=repository%2F')).toContain('<KeyCount>3</KeyCount>');
    expect(list('delimiter=%2F&list-type=2&prefix=repository%2Farchive%2Forders%2F17-1%2F')).toContain(
      '<KeyCount>0</KeyCount>',
    );
  });

  it.each([
    'list-type=2',
    'list-type=2&prefix=',
    'list-type=2&prefix=other%2F',
    'list-type=2&prefix=repository',
    'list-type=2&prefix=repository%2F..%2Fother%2F',
    'list-type=2&prefix=repository%2F%2Fx',
    'list-type=1&prefix=repository%2F',
    'list-type=2&prefix=repository%2F&delimiter=x',
    'list-type=2&prefix=repository%2F&prefix=other%2F',
    'list-type=2&prefix=repository%2F&continuation-token=x',
    'versions&prefix=repository%2F',
    'uploads',
  ])('of another place or kind is refused: %s', (query) => {
    expect(list(query)).toMatchObject({ kind: 'refused', status: 403 });
  });

  it('of more files than fit on a page is refused', () => {
    const many = new Map(Array.from({ length: 1001 }, (_, index) => [`a/${index}`, { key: '', sizeBytes: 1 }]));
    expect(listFiles(many, { prefix: 'a/', isDeep: true })).toBeUndefined();
    expect(listFiles(many, { prefix: '', isDeep: false })).toContain('<KeyCount>1</KeyCount>');
  });
});
