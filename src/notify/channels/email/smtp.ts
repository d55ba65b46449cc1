import { toPrintable } from '../../../support/printable.ts';
import type { ChannelDeps } from '../../channel.ts';
import { NotifyError } from '../../notify-error.ts';
import { didNotAnswer, withDeadline } from '../../with-deadline.ts';
import type { EmailSpec } from './email-spec.ts';

/** A mail without its sender, which comes from the server's settings. */
export interface Mail {
  readonly to: readonly string[];
  readonly subject: string;
  readonly messageId: string;
  /** Identifies the conversation: its first message. */
  readonly thread: string;
  readonly text: string;
  readonly html: string;
  readonly attachments?: readonly {
    readonly filename: string;
    readonly contentType: string;
    readonly content: string | Buffer;
  }[];
}

export type SmtpDeps = Pick<ChannelDeps, 'smtpDeadlineMs' | 'redact' | 'ca'>;

/** @throws NotifyError with the server's answer; the signal's reason when it aborts. */
export async function sendMail(spec: EmailSpec, mail: Mail, deps: SmtpDeps, signal: AbortSignal): Promise<void> {
  const { host, port, tls, login, from } = spec;
  const server = `${host}:${port}`;
  const { createTransport } = await import('nodemailer');
  const transport = createTransport({
    host,
    port,
    secure: tls === 'implicit',
    requireTLS: tls === 'starttls',
    ignoreTLS: tls === 'none',
    ...(login ? { auth: { user: login.user, pass: login.password } } : {}),
    ...(deps.ca === undefined ? {} : { tls: { ca: deps.ca } }),
    // The deadline below covers the whole delivery; without these, the library's own timers would outlive it.
    connectionTimeout: deps.smtpDeadlineMs,
    greetingTimeout: deps.smtpDeadlineMs,
    socketTimeout: deps.smtpDeadlineMs,
    dnsTimeout: deps.smtpDeadlineMs,
    socketCloseTimeout: 0,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  const { thread, to, attachments = [], ...rest } = mail;
  const message = {
    ...rest,
    from,
    to: [...to],
    inReplyTo: thread,
    references: thread,
    headers: { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' },
    attachments: attachments.map((attachment) => ({ ...attachment })),
  };
  await withDeadline(server, deps.smtpDeadlineMs, signal, async (limit) => {
    await transport.sendMail({ ...message, signal: limit }).catch((error: unknown) => {
      throw explain(server, error, deps);
    });
  });
}

/** The sender's domain, for message ids. */
export function domainOf({ from }: Pick<EmailSpec, 'from'>): string {
  return /@([\w.-]+)/.exec(from)?.[1] ?? 'localhost';
}

/** A permanent refusal (5xx) is not retried; everything else may pass. */
function explain(server: string, error: unknown, { smtpDeadlineMs, redact }: SmtpDeps): NotifyError {
  const { code, responseCode, response, message } = error as Partial<
    Record<'code' | 'responseCode' | 'response' | 'message', unknown>
  >;
  // The library's timers are as long as the deadline, so either may be the first to run out.
  if (code === 'ETIMEDOUT') return didNotAnswer(server, smtpDeadlineMs);
  const words = toPrintable(redact(String(response ?? message ?? error)));
  if (code === 'ETLS') return new NotifyError(`${server} offers no TLS (STARTTLS): ${words}`, { retryable: true });
  const answered = typeof responseCode === 'number';
  return new NotifyError(`${server}${answered ? ' answered ' : ': '}${words}`, {
    retryable: !answered || responseCode < 500,
  });
}
