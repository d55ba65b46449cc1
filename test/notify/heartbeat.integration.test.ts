import { describe, expect, it } from 'vitest';
import { createHeartbeat, runUuid } from '../../src/notify/heartbeat.ts';
import { answer, hang, ok, receive } from './http-receiver.ts';

const RID = runUuid('20261121-120000-aaaaaa');
const options = { redact: (text: string) => text.replaceAll('verysecret', '***'), backOffMs: [0, 0] };

describe('a heartbeat', () => {
  it('reports start, success and failure of a run with the healthchecks.io protocol', async () => {
    await using server = await receive(ok);
    const heartbeat = createHeartbeat(options);
    const url = `${server.url}/verysecret`;
    expect(await heartbeat.ping(url, 'start', RID, '')).toBeUndefined();
    expect(await heartbeat.ping(url, 'success', RID, 'PASSED orders: äöü')).toBeUndefined();
    expect(await heartbeat.ping(`${url}/?create=1`, 'fail', RID, 'FAILED orders: verysecret')).toBeUndefined();
    expect(server.received.map(({ url: path, body }) => [path, body])).toEqual([
      [`/verysecret/start?rid=${RID}`, ''],
      [`/verysecret?rid=${RID}`, 'PASSED orders: äöü'],
      [`/verysecret/fail?create=1&rid=${RID}`, 'FAILED orders: ***'],
    ]);
    await server.allClosed();
  });

  it('uses one UUID for the start and end of a run, across processes', () => {
    expect(runUuid('20261121-120000-aaaaaa')).toBe(RID);
    expect(RID).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(runUuid('20261121-120000-aaaaab')).not.toBe(RID);
  });

  it('is tried three times when a retry can help', async () => {
    await using server = await receive(answer(500), answer(429), ok);
    expect(await createHeartbeat(options).ping(`${server.url}/x`, 'success', RID, '')).toBeUndefined();
    expect(server.received).toHaveLength(3);
    await using down = await receive(answer(503, 'verysecret is down'));
    const problem = await createHeartbeat(options).ping(`${down.url}/verysecret`, 'success', RID, '');
    expect(problem).toMatch(
      /^the heartbeat \(success\) was not delivered: 127\.0\.0\.1:\d+ answered 503: \*\*\* is down$/,
    );
    expect(down.received).toHaveLength(3);
  });

  it('is not retried when the check does not exist', async () => {
    await using server = await receive(answer(404, 'not found'));
    const problem = await createHeartbeat(options).ping(`${server.url}/verysecret`, 'start', RID, '');
    expect(problem).toMatch(/^the heartbeat \(start\) was not delivered: 127\.0\.0\.1:\d+ answered 404: not found$/);
    expect(server.received).toHaveLength(1);
  });

  it('times out, stops at once when the signal aborts, and never throws', async () => {
    await using server = await receive(hang);
    const heartbeat = createHeartbeat({ ...options, deadlineMs: 90 });
    expect(await heartbeat.ping(`${server.url}/verysecret`, 'success', RID, '')).toMatch(
      /did not answer within \d+ ms$/,
    );
    await server.allClosed();
    const aborted = AbortSignal.abort(new Error('stopped'));
    expect(await heartbeat.ping(`${server.url}/x`, 'success', RID, '', aborted)).toContain('stopped');
    expect(await heartbeat.ping('no address verysecret', 'success', RID, '')).not.toContain('verysecret');
  });

  it('sends at most 100 kB, and no partial character', async () => {
    await using server = await receive(ok);
    await createHeartbeat(options).ping(`${server.url}/x`, 'success', RID, `a${'ä'.repeat(60_000)}`);
    const { body } = server.received[0] ?? { body: '' };
    expect(Buffer.byteLength(body)).toBe(99_999);
  });
});
