import { once } from 'node:events';
import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import { expect, it, vi } from 'vitest';
import { manyRuns } from './many-runs.ts';
import { servePages } from './serve-pages.ts';

it.each(['identity', 'gzip'])(
  'a CSV export is cut off (%s) when the store fails midway, so that half of it does not look complete',
  async (coding) => {
    const printed = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    const { dashboard, reads } = manyRuns(6);
    await using served = await servePages(dashboard);
    const headers = { host: 'localhost:8377', 'accept-encoding': coding };
    const { end, text } = await takeAll(request(`${served.url}/runs.csv`, { headers }));
    expect([end, text.includes('disk is gone')]).toEqual(['cut off', false]);
    expect([reads.length, dashboard.errors.map(String)]).toEqual([6, ['Error: the disk is gone']]);
    expect(String(printed.mock.calls[0])).toBe('Error: the response was aborted');
    printed.mockRestore();
  },
);

async function takeAll(asked: ClientRequest): Promise<{ readonly end: 'whole' | 'cut off'; readonly text: string }> {
  asked.end();
  const [answer] = (await once(asked, 'response')) as [IncomingMessage];
  const chunks: Buffer[] = [];
  answer.on('data', (chunk: Buffer) => chunks.push(chunk));
  const end = await once(answer, 'end').then(
    () => 'whole' as const,
    () => 'cut off' as const,
  );
  return { end, text: Buffer.concat(chunks).toString('latin1') };
}
