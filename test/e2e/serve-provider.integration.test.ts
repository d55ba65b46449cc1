import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { noRequests } from '../../src/record/request-store.ts';
import { hourOf } from '../contracts/request-store-contract.ts';
import { ok, type Receiver, receive } from '../notify/http-receiver.ts';
import { type FaultProxy, startFaultProxy } from '../support/fault-proxy.ts';
import { type ObjectStore, startObjectStore } from '../support/object-store.ts';
import { useServeWorkspace } from './serve-workspace.ts';

/** `firedrill serve` with a store that fails reads and a receiver of its alerts. */

const here = useServeWorkspace();

const FILES = 80;
/** Fails 4 % of the reads. */
const FAILED_EVERY = 25;
const SECRET = `whsec_${Buffer.from('0123456789abcdef0123456789abcdef').toString('base64')}`;

let store: ObjectStore;
let proxies: FaultProxy[];
let receiver: Receiver;
beforeEach(async () => {
  store = await startObjectStore();
  proxies = [await startFaultProxy(store.endpoint), await startFaultProxy(store.endpoint)];
  receiver = await receive(ok);
});
afterEach(async () => {
  for (const one of [receiver, ...proxies, store]) await one[Symbol.asyncDispose]();
});

it('sends one alert for each endpoint whose reads fail more often than in a clean month, however many drills follow', async () => {
  const workspace = here();
  const secret = { file: 'hook.key' };
  await writeFile(join(workspace.directory, secret.file), SECRET, { mode: 0o600 });
  await workspace.configure({
    serve: { stopGrace: '10m' }, // a run canceled at the end would have no verdict
    notify: { channels: { hook: { type: 'webhook', url: `${receiver.url}/in`, secret } } },
  });
  await store.createBucket('acme');
  for (let file = 0; file < FILES; file += 1) await store.put('acme', `uploads/${file}.txt`, String(file));
  const days = Array.from({ length: 29 }, (_, day) => new Date(Date.now() - (day + 1) * 86_400_000));
  const counts = { ...noRequests(), answered: 1000 };
  const hours = proxies.flatMap(({ endpoint }) => days.map((hourAt) => hourOf({ hourAt, endpoint, counts })));
  await workspace.read((history) => history.addRequests({ hours, requests: [] }));
  for (const [index, proxy] of proxies.entries()) {
    let reads = 0;
    proxy.decide = ({ url }) => {
      if (!url.includes('/uploads/')) return undefined;
      reads += 1;
      return reads % FAILED_EVERY === 0 ? { kind: 'answer', status: 500, code: '', body: 'Server Error' } : undefined;
    };
    const drill = {
      name: `uploads-${index}-${workspace.mark}`,
      backup: {
        source: { url: 's3://acme/uploads/', endpoint: proxy.endpoint, region: 'us-east-1', forcePathStyle: true },
        match: './',
      },
      engine: { type: 'files' },
      objectives: { rto: '30m' },
      checks: [{ name: 'uploads are all there', files: { count: FILES } }],
      schedule: { cron: '*/2 * * * * *' },
    };
    await writeFile(join(workspace.directory, 'drills', `uploads-${index}.yaml`), JSON.stringify(drill));
  }

  const serve = await workspace.serve();
  const alerts = await serve.messages(/provider:.*alert sent to hook/, 2);
  const { length: before } = await serve.messages(/PASSED uploads-/, 0);
  await serve.messages(/PASSED uploads-/, before + 2);
  serve.kill('SIGTERM');
  expect((await serve.ended).code).toBe(0);

  const endpoints = proxies.map(({ endpoint }) => endpoint).toSorted();
  expect(alerts.toSorted()).toEqual(endpoints.map((one) => `provider:${one}: problem, alert sent to hook`));
  const told = receiver.received.map(({ body }) => JSON.parse(body) as { type: string; data: { headline: string } });
  const headlines = told.map(({ type, data }) => `${type} ${data.headline.split(': ', 1)[0]}`).toSorted();
  expect(headlines).toEqual(endpoints.map((one) => `firedrill.problem STORE FAILS MORE OFTEN THAN USUAL ${one}`));
  expect((await workspace.runs()).every(({ verdict }) => verdict === 'passed')).toBe(true);
});
