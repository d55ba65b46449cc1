import { createHash } from 'node:crypto';
import { toPrintable } from '../../../support/printable.ts';
import type { Channel, ChannelDeps } from '../../channel.ts';
import type { Notification } from '../../notification.ts';
import { printableNotification } from '../../notification-text.ts';
import { toEmailHtml, toEmailText } from './email-body.ts';
import type { EmailSpec } from './email-spec.ts';
import { domainOf, type Mail, sendMail } from './smtp.ts';

const MAX_SUBJECT = 200;

/** Mail by SMTP, as plain text and HTML. Messages about one drill share a thread, so that mail readers show them as one conversation. */
export function createEmailChannel(spec: EmailSpec & { readonly name: string }, deps: ChannelDeps): Channel {
  return {
    name: spec.name,
    type: 'email',
    takes: () => true,
    send: (notification, signal) => sendMail(spec, toMail(notification, spec), deps, signal),
  };
}

function toMail(notification: Notification, spec: EmailSpec): Mail {
  const shown = printableNotification(notification);
  const domain = domainOf(spec);
  return {
    to: spec.to,
    subject: toPrintable(notification.headline, MAX_SUBJECT),
    messageId: `<firedrill.${digestOf(notification.id)}@${domain}>`,
    thread: `<firedrill.${threadOf(notification)}@${domain}>`,
    text: toEmailText(shown),
    html: toEmailHtml(shown),
  };
}

function threadOf({ drill, kind }: Notification): string {
  return drill === undefined ? kind : `drill.${digestOf(drill.name)}`;
}

/** A digest that is safe in a header, whatever the text contains. */
export function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}
