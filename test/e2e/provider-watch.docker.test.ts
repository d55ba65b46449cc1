import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import { noRequests } from '../../src/record/request-store.ts';
import { openSqliteStore } from '../../src/record/sqlite/sqlite-store.ts';
import { hourOf } from '../contracts/request-store-contract.ts';
import { type DrillWorkspace, makeDrillWorkspace, plainDump } from '../support/cli-drill.ts';
import { type FaultProxy, type SeenRequest, startFaultProxy } from '../support/fault-proxy.ts';
import { type Radosgw, startRadosgw } from '../support/radosgw.ts';

const FILES = 300;
/** Large enough for several ranged reads. */
const DUMP = plainDump(`-- ${'padding '.repeat(100)}\n`.repeat(16_000));

interface Evidence {
  readonly endpoints: readonly {
    readonly endpoint: string;
    readonly state: string;
    readonly requests: number;
    readonly errors: number;
    readonly operations: readonly { readonly operation: string; readonly counts: Record<string, number> }[];
  }[];
  readonly failed: readonly {
    readonly runId?: string;
    readonly attempt: number;
    readonly status?: number;
    readonly outcome: string;
    readonly requestIds: Record<string, string>;
    readonly said?: string;
  }[];
  readonly answered: readonly { readonly requestIds: Record<string, string> }[];
  readonly runs: readonly { readonly id: string; readonly verdict?: string; readonly status: string }[];
}

/** A real store whose provider has a bad day, behind a proxy that fails requests. */
describe.skipIf(!inject('dockerAnswers'))('a drill from a store that fails requests', () => {
  let store: Radosgw;
  let proxy: FaultProxy;
  let workspace: DrillWorkspace;
  beforeAll(async () => {
    store = await startRadosgw();
    await store.createBucket('acme');
    await store.put('acme', 'orders.sql', DUMP);
  });
  afterAll(() => store[Symbol.asyncDispose]());
  beforeEach(async () => {
    proxy = await startFaultProxy(store.endpoint);
    workspace = await makeDrillWorkspace({ S3_KEY: store.accessKeyId, S3_SECRET: store.secretAccessKey });
    await workspace.writeDrill({ backup: backupIn('s3://acme/', 'orders*') });
  });
  afterEach(async () => {
    await proxy[Symbol.asyncDispose]();
    await workspace[Symbol.asyncDispose]();
  });

  const backupIn = (source: string, match: string) => ({
    source,
    endpoint: proxy.endpoint,
    region: 'us-east-1',
    forcePathStyle: true,
    accessKeyId: '${S3_KEY}',
    secretAccessKey: '${S3_SECRET}',
    match,
  });
  const drill = () => workspace.drill(['--runtime', 'local']);

  /** The two files for a ticket; neither may contain what signs a request. */
  async function evidence(): Promise<{ readonly data: Evidence; readonly ticket: string }> {
    for (const name of ['ticket.md', 'ticket.json']) {
      const written = await workspace.firedrill(['evidence', 'requests', '--since', '1h', '--out', name]);
      expect(written).toMatchObject({ code: 0 });
    }
    const [ticket, json] = await Promise.all(
      ['ticket.md', 'ticket.json'].map((name) => readFile(join(workspace.directory, name), 'utf8')),
    );
    const signatures = proxy.seen.flatMap(
      ({ headers }) => /Signature=(\w+)/.exec(headers.authorization ?? '')?.[1] ?? [],
    );
    for (const text of [ticket, json]) {
      for (const secret of [store.secretAccessKey, 'AWS4-HMAC', ...signatures]) expect(text).not.toContain(secret);
    }
    expect(ticket).toContain(`## \`${proxy.endpoint}\``);
    return { data: JSON.parse(json ?? '') as Evidence, ticket: ticket ?? '' };
  }

  const FAULTS = [
    { kind: 'answer', status: 500, code: 'InternalError' },
    { kind: 'answer', status: 429, code: 'TooManyRequests' },
  ] as const;

  /** Fails the first attempt of each read, alternating between the faults, then passes it on. */
  function failReads(): void {
    const tried = new Set<string>();
    proxy.decide = (request: SeenRequest) => {
      if (!request.url.includes('orders.sql')) return undefined;
      const read = String(request.headers.range);
      if (tried.has(read)) return undefined;
      tried.add(read);
      return FAULTS[tried.size % FAULTS.length];
    };
  }

  test('passes despite bare 500s and 429s, which are recorded, unusual and in the ticket', async () => {
    failReads();
    const { run } = await drill();
    expect(run).toMatchObject({ status: 'completed', verdict: 'passed', reasons: [] });
    expect(proxy.seen[0]?.headers.authorization).toMatch(/Signature=\w+/);
    const { data, ticket } = await evidence();
    const answeredByProxy = proxy.seen.length - data.endpoints.reduce((sum, one) => sum + one.requests, 0);
    expect(answeredByProxy).toBe(0);
    expect(data.endpoints).toMatchObject([{ endpoint: proxy.endpoint, state: 'unusual' }]);
    expect(data.failed.length).toBe(data.endpoints[0]?.errors);
    expect(data.failed.length).toBeGreaterThanOrEqual(5);
    const outcomes = data.failed.map(({ status, outcome, said }) => `${status} ${outcome}, ${said}`);
    expect([...new Set(outcomes)].sort()).toEqual([
      '429 throttled, TooManyRequests: made by the test',
      '500 failed, InternalError: made by the test',
    ]);
    for (const one of data.failed) {
      expect(one).toMatchObject({ attempt: 1, runId: run.id });
      expect(one.requestIds).toMatchObject({ 'x-amz-request-id': 'proxy-1', 'x-amz-id-2': 'proxy-2' });
    }
    expect(data.answered[0]?.requestIds['x-amz-request-id']).toMatch(/^tx/);
    expect(data.runs).toMatchObject([{ id: run.id, verdict: 'passed' }]);
    expect(ticket).toContain('x-amz-request-id: proxy-1');
  });

  test('passes when 2 % of its reads end in a bare 500 after a month without any, which is unusual', async () => {
    const names = Array.from({ length: FILES }, (_, index) => `uploads/${index}.txt`);
    for (const name of names) await store.put('acme', name, name);
    await workspace.writeDrill({
      backup: backupIn('s3://acme/uploads/', './'),
      engine: { type: 'files' },
      checks: [{ name: 'uploads are all there', files: { count: FILES } }],
    });
    {
      await using history = await openSqliteStore(join(workspace.directory, '.firedrill/history.db'));
      const days = Array.from({ length: 29 }, (_, day) => new Date(Date.now() - (day + 1) * 86_400_000));
      const counts = { ...noRequests(), answered: 1000 };
      const hours = days.map((hourAt) => hourOf({ hourAt, endpoint: proxy.endpoint, counts }));
      await history.addRequests({ hours, requests: [] });
    }
    let reads = 0;
    proxy.decide = ({ url }) => {
      if (!url.includes('/uploads/')) return undefined;
      reads += 1;
      return reads % 50 === 0 ? { kind: 'answer', status: 500, code: '', body: 'Server Error' } : undefined;
    };
    const { run } = await workspace.drill(['--runtime', 'local']);
    expect(run).toMatchObject({ status: 'completed', verdict: 'passed' });
    const { data } = await evidence();
    const failed = Math.floor(reads / 50);
    expect(failed).toBeGreaterThanOrEqual(FILES / 50);
    const operation = data.endpoints[0]?.operations.find((one) => one.operation === 'GetObject');
    expect(operation).toMatchObject({ state: 'unusual', counts: { answered: reads - failed, failed } });
    expect(data.failed.map(({ status, outcome }) => [status, outcome])).toEqual(Array(failed).fill([500, 'failed']));
    expect(data.runs).toMatchObject([{ id: run.id, verdict: 'passed' }]);
  });

  test('reaches no verdict while the region is down, and the ticket says so', async () => {
    await proxy[Symbol.asyncDispose]();
    const { run } = await drill();
    expect(run).toMatchObject({ status: 'errored', error: { code: 'source-unreachable' } });
    expect(run.verdict).toBeUndefined();
    const { data } = await evidence();
    expect(data.endpoints).toMatchObject([{ endpoint: proxy.endpoint, requests: 5, errors: 5, state: 'unusual' }]);
    expect(data.failed.map(({ attempt, outcome }) => [attempt, outcome])).toEqual(
      [5, 4, 3, 2, 1].map((attempt) => [attempt, 'unanswered']),
    );
    expect(data.failed[0]?.said).toContain('ECONNREFUSED');
    expect(data.runs).toMatchObject([{ id: run.id, status: 'errored' }]);
  });
});
