import { createHash } from 'node:crypto';
import type { EmailSpec } from '../../config/resolve-channel.ts';
import { toPrintable } from '../../support/printable.ts';
import type { Channel } from '../channel.ts';
import type { ChannelDeps } from '../create-channels.ts';
import type { Notice } from '../notice.ts';
import { printableNotice } from '../notice-text.ts';
import { NotifyError } from '../notify-error.ts';
import { withDeadline } from '../with-deadline.ts';
import { toEmailHtml, toEmailText } from './email-body.ts';

const MAX_SUBJECT = 200;

/** Mail by SMTP, in clear text and in HTML. Messages about one drill have one ancestor, so that mail readers show them as one conversation. */
export function createEmailChannel(spec: EmailSpec & { readonly name: string }, deps: ChannelDeps): Channel {
  const { host, port, tls, login } = spec;
  const server = `${host}:${port}`;
  return {
    name: spec.name,
    type: 'email',
    takes: () => true,
    async send(notice, signal) {
      const { createTransport } = await import('nodemailer');
      const transport = createTransport({
        host,
        port,
        secure: tls === 'implicit',
        requireTLS: tls === 'starttls',
        ignoreTLS: tls === 'none',
        ...(login ? { auth: { user: login.user, pass: login.password } } : {}),
        ...(deps.ca === undefined ? {} : { tls: { ca: deps.ca } }),
        // The deadline below is for the whole; without these the library's own timers would outlive it.
        connectionTimeout: deps.smtpDeadlineMs,
        greetingTimeout: deps.smtpDeadlineMs,
        socketTimeout: deps.smtpDeadlineMs,
        dnsTimeout: deps.smtpDeadlineMs,
        socketCloseTimeout: 0,
        disableFileAccess: true,
        disableUrlAccess: true,
      });
      await withDeadline(server, deps.smtpDeadlineMs, signal, async (limit) => {
        await transport.sendMail({ ...toMail(notice, spec), signal: limit }).catch((error: unknown) => {
          throw explain(server, error, deps.redact);
        });
      });
    },
  };
}

function toMail(notice: Notice, { from, to }: EmailSpec) {
  const shown = printableNotice(notice);
  const domain = /@([\w.-]+)/.exec(from)?.[1] ?? 'localhost';
  const thread = `<firedrill.${threadOf(notice)}@${domain}>`;
  return {
    from,
    to: [...to],
    subject: toPrintable(notice.headline, MAX_SUBJECT),
    messageId: `<firedrill.${digestOf(notice.id)}@${domain}>`,
    inReplyTo: thread,
    references: thread,
    headers: { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' },
    text: toEmailText(shown),
    html: toEmailHtml(shown),
  };
}

function threadOf({ drill, kind }: Notice): string {
  return drill === undefined ? kind : `drill.${digestOf(drill.name)}`;
}

/** Whatever the text is made of, this may stand in a header. */
function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}

/** What the server said for good (5xx) stays so; everything else may pass. */
function explain(server: string, error: unknown, redact: (text: string) => string): NotifyError {
  const { code, responseCode, response, message } = error as Partial<
    Record<'code' | 'responseCode' | 'response' | 'message', unknown>
  >;
  const words = toPrintable(redact(String(response ?? message ?? error)));
  if (code === 'ETLS') return new NotifyError(`${server} gives no TLS (STARTTLS): ${words}`, { retryable: true });
  const answered = typeof responseCode === 'number';
  return new NotifyError(`${server}${answered ? ' answered ' : ': '}${words}`, {
    retryable: !answered || responseCode < 500,
  });
}
