import { createHash } from 'node:crypto';
import { toPrintable } from '../../../support/printable.ts';
import type { Channel, ChannelDeps } from '../../channel.ts';
import type { Notice } from '../../notice.ts';
import { printableNotice } from '../../notice-text.ts';
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
    send: (notice, signal) => sendMail(spec, toMail(notice, spec), deps, signal),
  };
}

function toMail(notice: Notice, spec: EmailSpec): Mail {
  const shown = printableNotice(notice);
  const domain = domainOf(spec);
  return {
    to: spec.to,
    subject: toPrintable(notice.headline, MAX_SUBJECT),
    messageId: `<firedrill.${digestOf(notice.id)}@${domain}>`,
    thread: `<firedrill.${threadOf(notice)}@${domain}>`,
    text: toEmailText(shown),
    html: toEmailHtml(shown),
  };
}

function threadOf({ drill, kind }: Notice): string {
  return drill === undefined ? kind : `drill.${digestOf(drill.name)}`;
}

/** A digest that is safe in a header, whatever the text contains. */
export function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}
