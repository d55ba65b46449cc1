import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import type { BackupSource, StoredObject } from '../../../src/backup/source.ts';
import { ENGINE_TYPES, engineOf } from '../../../src/engines/registry.ts';
import { lookAtPlace } from '../../../src/run/discover/look-at-place.ts';
import { RequestBudget } from '../../../src/run/discover/request-budget.ts';
import { systemClock } from '../../../src/support/clock.ts';
import { DrillError } from '../../../src/support/errors.ts';
import { createMemoryStore } from '../../support/memory-store.ts';

const NOW = new Date('2026-11-28T12:00:00Z');
const DAY_MS = 86_400_000;
const DUMP = `--
-- PostgreSQL database cluster dump
--
\\connect template1
\\connect shop
CREATE TABLE public.a (id integer);
\\connect "other crm"
CREATE TABLE public.a (id integer);
--
-- PostgreSQL database cluster dump complete
--
`;

/** A store that lists 100 keys per page, in key order. */
class PagedStore implements BackupSource {
  readonly description = 's3://acme/';
  readonly prefix = '';
  readonly bodies: ReadonlyMap<string, string>;
  sent = 0;
  read_: string[] = [];
  /** Called for each requested page. */
  onPage: (page: number) => void = () => undefined;

  constructor(bodies: ReadonlyMap<string, string>) {
    this.bodies = bodies;
  }

  list(signal: AbortSignal): AsyncGenerator<StoredObject> {
    return this.listAfter('', signal);
  }

  async *listAfter(after: string, signal: AbortSignal): AsyncGenerator<StoredObject> {
    const keys = [...this.bodies.keys()].sort().filter((key) => key > after);
    for (const [index, key] of keys.entries()) {
      if (index % 100 === 0) {
        this.sent += 1;
        this.onPage(this.sent);
      }
      signal.throwIfAborted();
      yield { key, sizeBytes: this.bodies.get(key)?.length ?? 0, modifiedAt: dateIn(key), etag: key };
    }
  }

  async read({ key }: StoredObject, { start, end }: { start: number; end: number }): Promise<Readable> {
    this.sent += 1;
    this.read_.push(key);
    return Readable.from([Buffer.from(this.bodies.get(key)?.slice(start, end) ?? '')]);
  }

  readTags = async () => ({});
  requests = () => [];
  requestCount = () => this.sent;
  close = () => undefined;
}

function dateIn(key: string): Date {
  const day = /\d{4}-\d\d-\d\d/.exec(key)?.[0];
  return day === undefined ? NOW : new Date(`${day}T03:00:00Z`);
}

function days(name: string, count: number, body: string): [string, string][] {
  return Array.from({ length: count }, (_, age) => {
    const day = new Date(NOW.getTime() - age * DAY_MS).toISOString().slice(0, 10);
    return [`${name}-${day}.sql`, body];
  });
}

const engines = ENGINE_TYPES.map((type) => engineOf(type));

function context(signal = new AbortController().signal) {
  const clock = { ...systemClock, now: () => NOW };
  return { engines, store: createMemoryStore(), clock, signal, onProgress: () => undefined };
}

test('reads the newest backup of each series once, and again only when it has changed', async () => {
  const bodies = new Map([...days('all', 30, DUMP), ...days('note', 3, 'no dump'), ['logo.png', 'png']]);
  const ctx = context();
  const store = new PagedStore(bodies);
  const first = await lookAtPlace(store, 'a', new RequestBudget(100).share(1), ctx);
  expect(first.stopped).toBeUndefined();
  const found = Object.fromEntries(first.series.map(({ series, content }) => [series.match, content]));
  expect(found['all-*.sql']).toMatchObject({ kind: 'backup', engine: 'postgres', databases: ['shop', 'other crm'] });
  expect(found['note-*.sql']).toMatchObject({ kind: 'no-backup' });
  expect(new Set(store.read_)).toContain('all-2026-11-28.sql');

  const again = new PagedStore(new Map([...bodies, ['all-2026-11-29.sql', DUMP]]));
  await lookAtPlace(again, 'a', new RequestBudget(100).share(1), ctx);
  expect(new Set(again.read_)).toEqual(new Set(['all-2026-11-29.sql']));
});

test('stops when its budget is spent, resumes there, and finds what a single pass would have found', async () => {
  const bodies = new Map(Array.from({ length: 20 }, (_, n) => days(`app${n}`, 60, DUMP)).flat());
  const ctx = context();
  const looks: number[] = [];
  let last: Awaited<ReturnType<typeof lookAtPlace>> | undefined;
  while (last === undefined || last.stopped !== undefined) {
    const store = new PagedStore(bodies);
    last = await lookAtPlace(store, 'a', new RequestBudget(5).share(1), ctx);
    looks.push(store.sent);
    expect(looks.length).toBeLessThan(20);
  }
  expect(looks.length).toBeGreaterThan(3);
  expect(Math.max(...looks)).toBeLessThanOrEqual(7);
  const whole = await lookAtPlace(new PagedStore(bodies), 'b', new RequestBudget(1000).share(1), ctx);
  const facts = ({ series }: typeof whole) => series.map(({ series: one, content }) => [one.match, one.count, content]);
  expect(facts(last)).toEqual(facts(whole));
});

test('resumes after an interruption', async () => {
  const bodies = new Map(Array.from({ length: 10 }, (_, n) => days(`app${n}`, 60, DUMP)).flat());
  const canceling = new AbortController();
  const store = new PagedStore(bodies);
  store.onPage = (page) => {
    if (page === 4) canceling.abort(new Error('canceled'));
  };
  const ctx = context(canceling.signal);
  await expect(lookAtPlace(store, 'a', new RequestBudget(100).share(1), ctx)).rejects.toThrow('canceled');
  const next = new PagedStore(bodies);
  const pages: number[] = [];
  next.onPage = (page) => pages.push(page);
  const look = await lookAtPlace(next, 'a', new RequestBudget(100).share(1), { ...context(), store: ctx.store });
  expect(look.series).toHaveLength(10);
  expect(pages).toHaveLength(3);
});

test('does not trust a listing that is three days old', async () => {
  const bodies = new Map(days('app', 300, DUMP));
  const ctx = context();
  await lookAtPlace(new PagedStore(bodies), 'a', new RequestBudget(2).share(1), ctx);
  const later = { ...ctx, clock: { ...systemClock, now: () => new Date(NOW.getTime() + 3 * DAY_MS) } };
  const store = new PagedStore(bodies);
  await lookAtPlace(store, 'a', new RequestBudget(100).share(1), later);
  expect(store.sent).toBeGreaterThanOrEqual(3);
});

test('reports that earlier files are backups when the newest of a series is an error page', async () => {
  const bodies = new Map([...days('app', 10, DUMP), ['app-2026-11-29.sql', '<html>502 Bad Gateway</html>']]);
  const look = await lookAtPlace(new PagedStore(bodies), 'a', new RequestBudget(100).share(1), context());
  expect(look.series[0]?.content).toMatchObject({ kind: 'unreadable', engine: 'postgres' });
  expect(look.series[0]?.content.what).toContain('earlier ones: plain SQL dump of a cluster');
});

test('omits series that it had no requests left to read, since they may not be backups', async () => {
  const bodies = new Map(Array.from('abcdefghijklmnopqrst', (letter) => [`${letter}/pic.bin${letter}`, 'GIF']));
  const { series, stopped } = await lookAtPlace(new PagedStore(bodies), 'a', new RequestBudget(5).share(1), context());
  expect(stopped).toBe('reading');
  expect(new Set(series.map(({ content }) => content.kind))).toEqual(new Set(['no-backup']));
  expect(series.length).toBeLessThan(20);
});

test('retries reads that failed in the store', async () => {
  const ctx = context();
  const bodies = new Map([['crm.sql', DUMP]]);
  const down = new PagedStore(bodies);
  down.read = async () => Promise.reject(new DrillError('source-failed', '503'));
  const lookAt = async (store: PagedStore) =>
    (await lookAtPlace(store, 'a', new RequestBudget(100).share(1), ctx)).series.map(({ content }) => content);
  expect(await lookAt(down)).toMatchObject([{ kind: 'unreadable', what: '503' }]);
  expect(await lookAt(new PagedStore(bodies))).toMatchObject([{ kind: 'backup', engine: 'postgres' }]);
});

test('reports the files of mysqldump --tab as one folder, which is not read', async () => {
  const tables = ['orders.sql', 'orders.txt', 'lines.sql', 'lines.txt', 'view.sql'];
  const files = ['2026-11-27/', '2026-11-28/'].flatMap((day) => tables.map((name) => `${day}${name}`));
  const store = new PagedStore(new Map([...files, 'orders-2026-11-28.sql'].map((name) => [name, DUMP])));
  const { series } = await lookAtPlace(store, 'a', new RequestBudget(100).share(1), context());
  const found = series.map((one) => [one.series.match, one.series.count, one.content.kind]);
  expect(found).toEqual([
    ['*', 2, 'unreadable'],
    ['orders-*.sql', 1, 'backup'],
  ]);
  expect(new Set(store.read_)).toEqual(new Set(['orders-2026-11-28.sql']));
});
