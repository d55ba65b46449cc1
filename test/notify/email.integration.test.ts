import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import PostalMime from 'postal-mime';
import { describe, expect, it } from 'vitest';
import { createChannels } from '../../src/notify/channel-registry.ts';
import type { EmailSpec } from '../../src/notify/channels/email/email-spec.ts';
import { NotifyError } from '../../src/notify/notify-error.ts';
import { LOCALHOST } from './localhost-certificate.ts';
import { openMailbox } from './mailbox.ts';
import { channelDeps, hostileNotification, noSignal, problemNotification } from './notifications.ts';

function channelTo(port: number, changes: Partial<EmailSpec> = {}, deps = {}) {
  const spec = {
    name: 'mail',
    type: 'email' as const,
    host: '127.0.0.1',
    port,
    tls: 'starttls' as const,
    login: undefined,
    from: 'Firedrill <firedrill@example.com>',
    to: ['ops@example.com', 'Dba <dba@example.com>'],
    ...changes,
  };
  const [channel] = createChannels([spec], channelDeps({ ca: LOCALHOST.cert, ...deps }));
  if (!channel) throw new Error('no channel');
  return channel;
}

async function failureOf(work: Promise<void>): Promise<NotifyError> {
  const error = await work.then(
    () => new Error('it arrived'),
    (thrown: unknown) => thrown,
  );
  if (error instanceof NotifyError) return error;
  throw error;
}

describe('a mail', () => {
  it('goes to all recipients, as text and HTML, over STARTTLS and with a login', async () => {
    await using mailbox = await openMailbox();
    const login = { user: 'firedrill', password: 'right-password' };
    await channelTo(mailbox.port, { login }).send(problemNotification(), noSignal);
    expect(mailbox.logins).toEqual(['firedrill:right-password']);
    expect(mailbox.wasSecure).toEqual([true]);
    const mail = await PostalMime.parse(mailbox.mails[0] ?? '');
    expect(mail.subject).toBe('FAILED orders: recovery took 41 min, target 30 min (11 min over)');
    expect(mail.from).toMatchObject({ name: 'Firedrill', address: 'firedrill@example.com' });
    expect(mail.to?.map(({ address }) => address)).toEqual(['ops@example.com', 'dba@example.com']);
    expect(mail.text?.trimEnd()).toBe(`FAILED orders: recovery took 41 min, target 30 min (11 min over)
since 2026-11-20 12:00 UTC (24 h)

Recovery time: 41 min, target 30 min
Backup: orders/orders-2026-11-21.dump

Next step: Give the restore more cores, or raise the target.

Run: https://firedrill.example.com/runs/20261121-120000-aaaaaa

-- 
Firedrill, 2026-11-21 12:00 UTC`);
    expect(mail.html).toContain('<b>Recovery time</b></td>');
    expect(mail.html).toContain('<meta name="color-scheme" content="light dark">');
    expect(mail.html).toContain('<a href="https://firedrill.example.com/runs/20261121-120000-aaaaaa">Run</a>');
    expect(mail.headers).toContainEqual(expect.objectContaining({ key: 'auto-submitted', value: 'auto-generated' }));
    await mailbox.allClosed();
  });

  it('joins the thread of its drill, and keeps its id through retries', async () => {
    await using mailbox = await openMailbox();
    const channel = channelTo(mailbox.port);
    const ids = ['one', 'one', 'two'];
    for (const id of ids) await channel.send(problemNotification({ id }), noSignal);
    await channel.send(problemNotification({ drill: { name: 'stock', owner: undefined, tier: undefined } }), noSignal);
    const mails = await Promise.all(mailbox.mails.map((text) => PostalMime.parse(text)));
    expect(new Set(mails.slice(0, 3).map(({ references }) => references)).size).toBe(1);
    expect(mails[0]?.inReplyTo).toBe(mails[0]?.references);
    expect(mails[0]?.references).toMatch(/^<firedrill\.drill\.[0-9a-f]+@example\.com>$/);
    expect(mails[3]?.references).not.toBe(mails[0]?.references);
    expect(mails[0]?.messageId).toBe(mails[1]?.messageId);
    expect(mails[0]?.messageId).not.toBe(mails[2]?.messageId);
  });

  it('takes no headers or markup from a backup', async () => {
    await using mailbox = await openMailbox();
    await channelTo(mailbox.port).send(hostileNotification(), noSignal);
    const mail = await PostalMime.parse(mailbox.mails[0] ?? '');
    expect(mail.headers.map(({ key }) => key)).not.toContain('bcc');
    expect(mail.subject).toContain('\\r\\nBcc: evil@example.com \\u001b[31m\\u202e');
    expect(mail.html).not.toContain('<script>');
    expect(mail.html).toContain('&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;');
    expect(mail.html).toContain('href="https://a.example/?x=&lt;b&gt;|&quot;c"');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this is about
    expect(`${mail.text}${mail.html}`).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/);
  });

  it('for a digest has one row per drill', async () => {
    await using mailbox = await openMailbox();
    const rows = [
      { state: 'failed' as const, drill: 'orders', text: 'failing for 3 runs' },
      { state: 'passed' as const, drill: 'stock', text: 'recoverable' },
    ];
    await channelTo(mailbox.port).send(problemNotification({ kind: 'digest', drill: undefined, rows }), noSignal);
    const { text } = await PostalMime.parse(mailbox.mails[0] ?? '');
    expect(text).toContain('FAILED orders: failing for 3 runs\npassed stock: recoverable');
  });
});

describe('a mail server', () => {
  it('gets nothing in clear text when it has no STARTTLS', async () => {
    await using mailbox = await openMailbox({ disabledCommands: ['STARTTLS'] });
    const login = { user: 'firedrill', password: 'right-password' };
    const error = await failureOf(channelTo(mailbox.port, { login }).send(problemNotification(), noSignal));
    expect(error.message).toBe(`127.0.0.1:${mailbox.port} offers no TLS (STARTTLS): 500 Error: command not recognized`);
    expect(mailbox.logins).toEqual([]);
    expect(mailbox.mails).toEqual([]);
    await mailbox.allClosed();
  });

  it('is not trusted with an untrusted certificate', async () => {
    await using mailbox = await openMailbox();
    const [channel] = createChannels([{ ...SPEC, port: mailbox.port }], channelDeps());
    const error = await failureOf(channel?.send(problemNotification(), noSignal) ?? Promise.resolve());
    expect(error.message).toMatch(/self-signed certificate/);
    expect(error.retryable).toBe(true);
    await mailbox.allClosed();
  });

  it('is used in clear text only when the settings allow it, as for a mail catcher', async () => {
    await using mailbox = await openMailbox({ disabledCommands: ['STARTTLS', 'AUTH'] });
    await channelTo(mailbox.port, { tls: 'none' }).send(problemNotification(), noSignal);
    expect(mailbox.wasSecure).toEqual([false]);
  });

  it('may require TLS from the first byte', async () => {
    await using mailbox = await openMailbox({ secure: true });
    await channelTo(mailbox.port, { tls: 'implicit' }).send(problemNotification(), noSignal);
    expect(mailbox.wasSecure).toEqual([true]);
  });

  it('refuses a wrong password, which is neither retried nor repeated', async () => {
    await using mailbox = await openMailbox();
    const login = { user: 'firedrill', password: 'verysecretwrong' };
    const error = await failureOf(channelTo(mailbox.port, { login }).send(problemNotification(), noSignal));
    expect(error.message).toBe(`127.0.0.1:${mailbox.port} answered 535 Invalid login for ***`);
    expect(error.retryable).toBe(false);
    expect(`${error.stack}${JSON.stringify(error)}${String(error.cause)}`).not.toContain('verysecret');
    await mailbox.allClosed();
  });

  it.each([
    [550, 'no such mailbox', false],
    [450, 'try again later', true],
  ])('that answers %s is retried or not, accordingly', async (responseCode, message, retryable) => {
    await using mailbox = await openMailbox({
      onRcptTo: (_address, _session, callback) => callback(Object.assign(new Error(message), { responseCode })),
    });
    const error = await failureOf(channelTo(mailbox.port).send(problemNotification(), noSignal));
    expect(error.message).toBe(`127.0.0.1:${mailbox.port} answered ${responseCode} ${message}`);
    expect(error.retryable).toBe(retryable);
    await mailbox.allClosed();
  });

  it('that accepts a mail and does not respond times out at the deadline', async () => {
    await using mailbox = await openMailbox({ onData: (stream) => stream.resume() });
    const error = await failureOf(
      channelTo(mailbox.port, {}, { smtpDeadlineMs: 300 }).send(problemNotification(), noSignal),
    );
    expect(error.message).toBe(`127.0.0.1:${mailbox.port} did not answer within 300 ms`);
    expect(error.retryable).toBe(true);
    await mailbox.allClosed();
  });

  it('that never greets times out at the deadline', async () => {
    const sockets: Socket[] = [];
    const server = createServer((socket) => sockets.push(socket.on('error', () => undefined))).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const error = await failureOf(channelTo(port, {}, { smtpDeadlineMs: 50 }).send(problemNotification(), noSignal));
    expect(error.message).toBe(`127.0.0.1:${port} did not answer within 50 ms`);
    await Promise.all(sockets.map((socket) => (socket.closed ? undefined : once(socket.resume(), 'close'))));
    server.close();
    await once(server, 'close');
    const refused = await failureOf(channelTo(port).send(problemNotification(), noSignal));
    expect(refused.message).toContain('ECONNREFUSED');
    expect(refused.retryable).toBe(true);
  });

  it('is disconnected at once when the signal aborts', async () => {
    const controller = new AbortController();
    await using mailbox = await openMailbox({ onData: () => controller.abort(new Error('stopped')) });
    await expect(channelTo(mailbox.port).send(problemNotification(), controller.signal)).rejects.toThrow('stopped');
    await mailbox.allClosed();
  });
});

const SPEC = {
  name: 'mail',
  type: 'email',
  host: '127.0.0.1',
  tls: 'starttls',
  login: undefined,
  from: 'firedrill@example.com',
  to: ['ops@example.com'],
} as const;
