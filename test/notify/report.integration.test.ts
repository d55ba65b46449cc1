import PostalMime from 'postal-mime';
import { afterEach, expect, it, vi } from 'vitest';
import type { ReportSpec } from '../../src/config/resolve-reports.ts';
import type { EmailSpec } from '../../src/notify/channels/email/email-spec.ts';
import { createReportChannel } from '../../src/notify/channels/email/report-channel.ts';
import type { Notification } from '../../src/notify/notification.ts';
import { createNotifier } from '../../src/notify/notifier.ts';
import { ReportScheduler } from '../../src/notify/report-scheduler.ts';
import type { ReportRequest } from '../../src/report/input.ts';
import { sampleReport } from '../report-render/sample-report.ts';
import { createMemoryStore } from '../support/memory-store.ts';
import { reportSpec } from '../support/report-spec.ts';
import { STEP_TIMEOUT_MS } from '../support/timeouts.ts';
import { LOCALHOST } from './localhost-certificate.ts';
import { openMailbox } from './mailbox.ts';
import { noSignal, problemNotification } from './notifications.ts';

afterEach(() => vi.unstubAllEnvs());

const MONTHLY = reportSpec({ timezone: 'Europe/Berlin', owner: 'payments' });
const DUE = new Date('2026-12-01T06:00:00.000Z');

function after(hours: number): Date {
  return new Date(DUE.getTime() + hours * 3_600_000);
}

function emailTo(port: number): EmailSpec {
  return {
    type: 'email',
    host: '127.0.0.1',
    port,
    tls: 'starttls',
    login: undefined,
    from: 'Firedrill <firedrill@example.com>',
    to: ['ops@example.com'],
  };
}

function channelTo(port: number, changes: Partial<ReportSpec> = {}) {
  const asked: ReportRequest[] = [];
  const channel = createReportChannel({ ...MONTHLY, ...changes }, emailTo(port), {
    version: '0.1.0',
    publicUrl: 'https://firedrill.example.com',
    read: async (request) => {
      asked.push(request);
      return sampleReport();
    },
    redact: (text) => text,
    smtpDeadlineMs: STEP_TIMEOUT_MS,
    ca: LOCALHOST.cert,
  });
  return { channel, asked };
}

const notification: Notification = problemNotification({
  kind: 'digest',
  at: DUE.toISOString(),
  drill: undefined,
  state: undefined,
});

it('a report is queued once, by the first of several schedulers, even after a restart', async () => {
  const store = createMemoryStore();
  const [one, other] = [new ReportScheduler(store, [MONTHLY]), new ReportScheduler(store, [MONTHLY])];
  expect(await one.enqueueDue(after(-0.01))).toEqual([]);
  expect(await one.enqueueDue(after(0))).toEqual(['monthly']);
  expect(await one.enqueueDue(after(1))).toEqual([]);
  expect(await other.enqueueDue(after(1))).toEqual([]);
  expect(await new ReportScheduler(store, [MONTHLY]).enqueueDue(after(2))).toEqual([]);
  expect(await store.findDeliveries({ limit: 9 })).toMatchObject([
    { key: 'report:monthly:2026-12-01T06:00:00.000Z', channel: 'report:monthly', status: 'pending' },
  ]);
});

it('a report is sent up to a day late after an outage, but not later', async () => {
  const store = createMemoryStore();
  expect(await new ReportScheduler(store, [MONTHLY]).enqueueDue(after(25))).toEqual([]);
  expect(await new ReportScheduler(store, [MONTHLY]).enqueueDue(after(23))).toEqual(['monthly']);
});

it('a report computes the error budget with the target share of its settings', async () => {
  await using mailbox = await openMailbox();
  const { channel, asked } = channelTo(mailbox.port, { targetShare: 0.99 });
  await channel.send(notification, noSignal);
  expect(asked).toMatchObject([{ options: { targetShare: 0.99 } }]);
  await mailbox.allClosed();
});

it('a report is mailed with charts that every mail client shows, and the full report attached', async () => {
  await using mailbox = await openMailbox();
  const { channel, asked } = channelTo(mailbox.port);
  await channel.send(notification, noSignal);
  expect(asked).toMatchObject([
    {
      asOf: DUE,
      period: { from: new Date('2026-10-31T23:00:00.000Z'), to: new Date('2026-11-30T23:00:00.000Z') },
      filter: { owner: 'payments' },
    },
  ]);
  const mail = await PostalMime.parse(mailbox.mails[0] ?? '');
  expect(mail.subject).toBe('Recovery report: from August 2026 to October 2026: 1 of 4 proven recoverable');
  expect(mail.to).toMatchObject([{ address: 'ops@example.com' }]);
  expect(mail.text).toMatch(/^1 of 4 databases proven recoverable/);
  expect(mail.html).toMatch(/<td bgcolor="#3f7ff0" width="6" height="\d+"/);
  expect(mail.html).toMatch(/Within RPO<\/td><td[^>]*><b>100 %/);
  expect(mail.html).not.toMatch(/<svg|<script|<img|\u202e/);
  expect(Buffer.byteLength(mail.html ?? '')).toBeLessThan(102_000);
  const [file] = mail.attachments;
  expect(file).toMatchObject({ filename: 'recovery-report-2026-08-01.html', mimeType: 'text/html' });
  expect(new TextDecoder().decode(file?.content as ArrayBuffer)).toContain('<svg class="r-chart"');
  await mailbox.allClosed();
});

it('a report goes to its own recipients in its own format, and stays the same message on retry', async () => {
  await using mailbox = await openMailbox();
  const { channel } = channelTo(mailbox.port, { to: ['cto@example.com'], format: 'md' });
  await channel.send(notification, noSignal);
  await channel.send(notification, noSignal);
  const [mail, again] = await Promise.all(mailbox.mails.map((text) => PostalMime.parse(text)));
  expect(mail?.to).toMatchObject([{ address: 'cto@example.com' }]);
  expect(mail?.attachments).toMatchObject([{ filename: 'recovery-report-2026-08-01.md', mimeType: 'text/markdown' }]);
  expect(again?.messageId).toBe(mail?.messageId);
  await mailbox.allClosed();
});

it('a report is delivered like every notification, and nothing else uses its channel', async () => {
  await using mailbox = await openMailbox();
  const store = createMemoryStore();
  const { channel } = channelTo(mailbox.port);
  const clock = { now: () => after(0), monotonicMs: () => 0 };
  const settings = {
    routes: undefined,
    reminders: 'daily',
    digest: { cron: '0 * * * *', timezone: 'UTC', to: undefined },
  } as const;
  const notifier = createNotifier({
    store,
    channels: [channel],
    settings,
    publicUrl: undefined,
    clock,
    redact: (text) => text,
  });
  await notifier.digest(async () => ({ subjects: [], runs: [] }), after(0));
  await new ReportScheduler(store, [MONTHLY]).enqueueDue(after(0));
  expect(await notifier.deliver(noSignal)).toMatchObject({ sent: 1, retried: 0, givenUp: 0 });
  expect(mailbox.mails).toHaveLength(1);
  await mailbox.allClosed();
});

it('a report that this host cannot print is mailed as a page that says why', async () => {
  vi.stubEnv('FIREDRILL_CHROMIUM', '/nonexistent/chromium');
  await using mailbox = await openMailbox();
  const { channel } = channelTo(mailbox.port, { format: 'pdf' });
  await channel.send(notification, noSignal);
  const mail = await PostalMime.parse(mailbox.mails[0] ?? '');
  const note =
    'It is attached as HTML, because this host cannot make a PDF: run firedrill doctor there to see what is missing.';
  expect(mail.text?.replaceAll(/\s+/g, ' ')).toContain(note);
  expect(mail.html?.replaceAll(/\s+/g, ' ')).toContain(note);
  expect(mail.attachments).toMatchObject([{ filename: 'recovery-report-2026-08-01.html', mimeType: 'text/html' }]);
  await mailbox.allClosed();
});

it('a report that fails to print is mailed as a page that says how it failed', async () => {
  vi.stubEnv('FIREDRILL_CHROMIUM', '/bin/false');
  vi.stubEnv('FIREDRILL_CHROMIUM_SANDBOX', 'off');
  await using mailbox = await openMailbox();
  const { channel } = channelTo(mailbox.port, { format: 'pdf' });
  await channel.send(notification, noSignal);
  const mail = await PostalMime.parse(mailbox.mails[0] ?? '');
  const note = 'It is attached as HTML, because this host cannot make a PDF: Chromium ended with 1.';
  expect(mail.text?.replaceAll(/\s+/g, ' ')).toContain(note);
  expect(mail.attachments).toMatchObject([{ filename: 'recovery-report-2026-08-01.html', mimeType: 'text/html' }]);
  await mailbox.allClosed();
});
