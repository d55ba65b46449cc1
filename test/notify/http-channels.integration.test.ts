import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { Webhook } from 'standardwebhooks';
import { describe, expect, it } from 'vitest';
import type { Channel } from '../../src/notify/channel.ts';
import { createChannels } from '../../src/notify/channel-registry.ts';
import { NotifyError } from '../../src/notify/notify-error.ts';
import { type Answer, answer, hang, ok, type Receiver, receive } from './http-receiver.ts';
import { channelDeps, HOSTILE, hostileNotification, noSignal, problemNotification } from './notifications.ts';

const SECRET = `whsec_${Buffer.from('0123456789abcdef0123456789abcdef').toString('base64')}`;
const ROUTING_KEY = 'verysecretroutingkeyverysecret12';

function channelsTo(url: string, changes = {}): Record<'slack' | 'pagerduty' | 'webhook', Channel> {
  const [slack, pagerduty, webhook] = createChannels(
    [
      { name: 'chat', type: 'slack', url: `${url}/services/T0/B0/verysecret` },
      { name: 'pager', type: 'pagerduty', routingKey: ROUTING_KEY, url: `${url}/v2/enqueue` },
      { name: 'hook', type: 'webhook', url: `${url}/in/verysecret`, secret: SECRET },
    ],
    channelDeps(changes),
  );
  if (!slack || !pagerduty || !webhook) throw new Error('no channels');
  return { slack, pagerduty, webhook };
}

function bodyOf({ received }: Receiver, index = 0): Record<string, unknown> {
  return JSON.parse(received[index]?.body ?? 'null') as Record<string, unknown>;
}

async function failureOf(work: Promise<void>): Promise<NotifyError> {
  const error = await work.then(
    () => new Error('it arrived'),
    (thrown: unknown) => thrown,
  );
  if (error instanceof NotifyError) return error;
  throw error;
}

describe('Slack', () => {
  it('gets the headline, the start, the facts, the next step and the links', async () => {
    await using server = await receive(answer(200, 'ok'));
    await channelsTo(server.url).slack.send(problemNotification(), noSignal);
    expect(server.received[0]).toMatchObject({ url: '/services/T0/B0/verysecret' });
    const mrkdwn = (text: string) => ({ type: 'mrkdwn', text, verbatim: true });
    expect(bodyOf(server)).toEqual({
      text: 'FAILED orders: recovery took 41 min, target 30 min (11 min over)',
      unfurl_links: false,
      unfurl_media: false,
      blocks: [
        {
          type: 'header',
          text: {
            type: 'plain_text',
            text: 'FAILED orders: recovery took 41 min, target 30 min (11 min over)',
            emoji: false,
          },
        },
        { type: 'context', elements: [mrkdwn('since 2026-11-20 12:00 UTC (24 h) · owner payments · tier 1')] },
        {
          type: 'section',
          fields: [mrkdwn('*Recovery time*\n41 min, target 30 min'), mrkdwn('*Backup*\norders/orders-2026-11-21.dump')],
        },
        { type: 'section', text: mrkdwn('*Next step:* Give the restore more cores, or raise the target.') },
        {
          type: 'section',
          text: mrkdwn('<https://firedrill.example.com/runs/20261121-120000-aaaaaa|Run>'),
        },
      ],
    });
  });

  it('gets no mentions, links or control sequences from a backup', async () => {
    await using server = await receive(ok);
    await channelsTo(server.url).slack.send(hostileNotification(), noSignal);
    const { blocks, text } = bodyOf(server);
    const shown = JSON.stringify({ blocks, text });
    expect(text).toContain('&lt;script&gt;alert("1")&lt;/script&gt; &lt;!channel&gt; &amp; &lt;@U1&gt;\\r\\nBcc');
    expect(shown.match(/<[^|]*/g)).toEqual(['<https://a.example/?x=%3Cb%3E%7C\\"c']);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this is about
    expect(shown).not.toMatch(/[\u0000-\u001f\u202e]/);
  });

  it('gets no more than it accepts', async () => {
    await using server = await receive(ok);
    const long = '&'.repeat(5000);
    const notification = problemNotification({
      headline: long,
      facts: Array.from({ length: 40 }, () => ({ label: long, text: long })),
      nextStep: long,
      links: Array.from({ length: 40 }, () => ({ label: long, url: `https://a.example/${long}` })),
      rows: Array.from({ length: 500 }, (_, index) => ({ state: 'failed', drill: `drill-${index}`, text: long })),
    });
    await channelsTo(server.url).slack.send(notification, noSignal);
    const { blocks, text } = bodyOf(server) as { blocks: Record<string, unknown>[]; text: string };
    expect(blocks.length).toBeLessThanOrEqual(50);
    expect(text.length).toBeLessThanOrEqual(3000);
    const texts = blocks.flatMap((block) => [block['text'], ...((block['fields'] as unknown[]) ?? [])]);
    const lengths = texts.map((one) => (one as { text?: string } | undefined)?.text?.length ?? 0);
    expect(Math.max(...lengths)).toBeLessThanOrEqual(3000);
    expect(lengths[0]).toBeLessThanOrEqual(150);
    expect(JSON.stringify(blocks).length).toBeLessThan(24_000);
    expect(JSON.stringify(blocks)).not.toMatch(/&(?!amp;)/); // none is cut in two
    expect(JSON.stringify(blocks)).toMatch(/… and \d+ more drills/);
  });
});

describe('PagerDuty', () => {
  it('opens one incident per drill, with the severity of the trouble and tier', async () => {
    await using server = await receive(answer(202, '{"status":"success"}'));
    await channelsTo(server.url).pagerduty.send(problemNotification(), noSignal);
    expect(server.received[0]?.url).toBe('/v2/enqueue');
    expect(bodyOf(server)).toEqual({
      routing_key: ROUTING_KEY,
      event_action: 'trigger',
      dedup_key: 'firedrill/orders',
      client: 'Firedrill',
      client_url: 'https://firedrill.example.com/runs/20261121-120000-aaaaaa',
      links: [{ href: 'https://firedrill.example.com/runs/20261121-120000-aaaaaa', text: 'Run' }],
      payload: {
        summary: 'FAILED orders: recovery took 41 min, target 30 min (11 min over)',
        timestamp: '2026-11-21T12:00:00.000Z',
        severity: 'critical',
        source: 'firedrill',
        component: 'orders',
        group: 'payments',
        class: 'failed',
        custom_details: {
          'Recovery time': '41 min, target 30 min',
          Backup: 'orders/orders-2026-11-21.dump',
          Since: 'since 2026-11-20 12:00 UTC (24 h)',
          'Next step': 'Give the restore more cores, or raise the target.',
        },
      },
    });
  });

  it.each([
    ['failed', 0, 'critical'],
    ['no-new-backup', 2, 'error'],
    ['failed', undefined, 'error'],
    ['errored', 1, 'error'],
    ['overdue', 3, 'warning'],
    ['broken', undefined, 'warning'],
  ] as const)('is sent %s in tier %s as %s', async (state, tier, severity) => {
    await using server = await receive(ok);
    const notification = problemNotification({ state, drill: { name: 'orders', owner: undefined, tier } });
    await channelsTo(server.url).pagerduty.send(notification, noSignal);
    expect(bodyOf(server)['payload']).toMatchObject({ severity });
  });

  it('updates and resolves the open incident', async () => {
    await using server = await receive(ok);
    const { pagerduty } = channelsTo(server.url);
    await pagerduty.send(problemNotification({ kind: 'changed' }), noSignal);
    await pagerduty.send(problemNotification({ kind: 'resolved', state: 'passed' }), noSignal);
    expect(bodyOf(server)).toMatchObject({ event_action: 'trigger', dedup_key: 'firedrill/orders' });
    expect(bodyOf(server, 1)).toEqual({
      routing_key: ROUTING_KEY,
      event_action: 'resolve',
      dedup_key: 'firedrill/orders',
    });
  });

  it('is tested with a separate incident, which is resolved at once', async () => {
    await using server = await receive(ok);
    const notification = problemNotification({ kind: 'test', state: undefined, drill: undefined });
    await channelsTo(server.url).pagerduty.send(notification, noSignal);
    const key = `firedrill/test/${notification.id}`;
    expect(bodyOf(server)).toMatchObject({ event_action: 'trigger', dedup_key: key, payload: { severity: 'info' } });
    expect(bodyOf(server, 1)).toMatchObject({ event_action: 'resolve', dedup_key: key });
  });

  it('gets neither reminders nor digests, and shortened keys and summaries', async () => {
    await using server = await receive(ok);
    const { pagerduty } = channelsTo(server.url);
    const kinds = ['problem', 'changed', 'reminder', 'resolved', 'digest', 'test'] as const;
    expect(kinds.filter((kind) => pagerduty.takes(problemNotification({ kind })))).toEqual([
      'problem',
      'changed',
      'resolved',
      'test',
    ]);
    const name = `file:${'x'.repeat(400)}`;
    const drill = { name, owner: undefined, tier: undefined };
    await pagerduty.send(problemNotification({ drill, headline: 'h'.repeat(3000) }), noSignal);
    await pagerduty.send(problemNotification({ drill, kind: 'resolved' }), noSignal);
    const [trigger, resolve] = [bodyOf(server), bodyOf(server, 1)];
    expect(String(trigger['dedup_key']).length).toBeLessThanOrEqual(255);
    expect(resolve['dedup_key']).toBe(trigger['dedup_key']);
    expect((trigger['payload'] as { summary: string }).summary.length).toBeLessThanOrEqual(1024);
  });
});

describe('a signed webhook', () => {
  it('can be verified, and keeps the id of the notification through retries', async () => {
    await using server = await receive(answer(500), ok);
    const { webhook } = channelsTo(server.url);
    const notification = hostileNotification();
    await failureOf(webhook.send(notification, noSignal));
    await webhook.send(notification, noSignal);
    for (const { headers, body } of server.received) {
      expect(headers['webhook-id']).toBe(notification.id);
      const verified = new Webhook(SECRET).verify(body, headers as Record<string, string>);
      expect(verified).toEqual({
        type: 'firedrill.problem',
        timestamp: notification.at,
        data: JSON.parse(JSON.stringify(notification)) as unknown,
      });
      expect(body).toContain(JSON.stringify(HOSTILE).slice(1, -1));
    }
  });
});

describe.each(['slack', 'pagerduty', 'webhook'] as const)('the response of %s', (type) => {
  const outcomes: [string, Answer, { message: string; retryable: boolean; retryAfterMs?: number | undefined }][] = [
    ['a server error', answer(500, 'oops'), { message: 'HOST answered 500: oops', retryable: true }],
    ['a timeout', answer(408), { message: 'HOST answered 408', retryable: true }],
    [
      'too many requests',
      answer(429, 'slow down', { 'retry-after': '17' }),
      { message: 'HOST answered 429: slow down', retryable: true, retryAfterMs: 17_000 },
    ],
    [
      'too many requests until a date, by its own clock',
      answer(429, 'slow down', {
        date: 'Fri, 01 Jan 2021 00:00:00 GMT',
        'retry-after': 'Fri, 01 Jan 2021 00:02:00 GMT',
      }),
      { message: 'HOST answered 429: slow down', retryable: true, retryAfterMs: 120_000 },
    ],
    [
      'a revoked address',
      answer(404, 'no_service'),
      { message: 'HOST answered 404: no_service', retryable: false, retryAfterMs: undefined },
    ],
    [
      'a redirect',
      answer(302, '', { location: 'http://127.0.0.1:1/' }),
      { message: 'HOST answered 302, a redirect, which is not followed', retryable: false },
    ],
    [
      'words that would steer a terminal, and a secret',
      answer(400, 'bad\u001b[2J verysecret1'),
      { message: 'HOST answered 400: bad\\u001b[2J ***', retryable: false },
    ],
  ];
  it.each(outcomes)('is reported: %s', async (_, how, { message, ...expected }) => {
    await using server = await receive(how);
    const error = await failureOf(channelsTo(server.url)[type].send(problemNotification(), noSignal));
    expect(error).toMatchObject({ ...expected, code: 'notify-failed' });
    expect(error.message.replace(/127\.0\.0\.1:\d+/, 'HOST')).toBe(message);
    await server.allClosed();
    expect(server.received).toHaveLength(1);
  });

  it('is read only as far as needed, however long it is', async () => {
    await using server = await receive((response) => {
      response.writeHead(400);
      const more = () => {
        while (response.write('x'.repeat(65_536)));
        response.once('drain', more);
      };
      more();
    });
    const error = await failureOf(channelsTo(server.url)[type].send(problemNotification(), noSignal));
    expect(error.message.length).toBeLessThan(300);
    await server.allClosed();
  });

  it('times out at the deadline, leaving no connection open', async () => {
    await using server = await receive(hang);
    const error = await failureOf(
      channelsTo(server.url, { httpDeadlineMs: 50 })[type].send(problemNotification(), noSignal),
    );
    expect(error.message).toMatch(/^127\.0\.0\.1:\d+ did not answer within 50 ms$/);
    expect(error.retryable).toBe(true);
    await server.allClosed();
  });

  it('is not awaited once the signal aborts', async () => {
    const controller = new AbortController();
    await using server = await receive(() => controller.abort(new Error('stopped')));
    await expect(channelsTo(server.url)[type].send(problemNotification(), controller.signal)).rejects.toThrow(
      'stopped',
    );
    await server.allClosed();
    await expect(channelsTo(server.url)[type].send(problemNotification(), controller.signal)).rejects.toThrow(
      'stopped',
    );
    expect(server.received).toHaveLength(1);
  });

  it('may be missing: nothing listens, or the connection is cut', async () => {
    const vacant = createServer().listen(0, '127.0.0.1');
    await once(vacant, 'listening');
    const { port } = vacant.address() as AddressInfo;
    vacant.close();
    await once(vacant, 'close');
    const refused = await failureOf(channelsTo(`http://127.0.0.1:${port}`)[type].send(problemNotification(), noSignal));
    expect(refused).toMatchObject({
      message: `127.0.0.1:${port} cannot be reached (ECONNREFUSED)`,
      retryable: true,
    });
    await using server = await receive((response) => response.destroy());
    const cut = await failureOf(channelsTo(server.url)[type].send(problemNotification(), noSignal));
    expect(cut.message).toMatch(/^127\.0\.0\.1:\d+ cannot be reached \(UND_ERR_SOCKET\)$/);
    expect(cut.retryable).toBe(true);
  });

  it('never causes an error with the address or the key in it', async () => {
    await using server = await receive(answer(400, `bad ${ROUTING_KEY} /services/T0/B0/verysecret`));
    const { port } = new URL(server.url);
    for (const url of [server.url, `http://localhost.invalid:${port}`]) {
      const error = await failureOf(channelsTo(url)[type].send(problemNotification(), noSignal));
      const all = `${error.stack} ${JSON.stringify(error)} ${String(error.cause)}`;
      expect(all).not.toContain('verysecret');
    }
  });
});
