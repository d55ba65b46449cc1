import { isIP } from 'node:net';
import { z } from 'zod';
import { expandable, mapping, oneOf, secret, wholeNumber } from '../../../config/fields.ts';
import { type ChannelReading, defineChannel, SECRET_PLACE } from '../../channel-kind.ts';
import { createEmailChannel } from './email-channel.ts';
import { type EmailSpec, isMailAddress } from './email-spec.ts';

const PORTS = { starttls: 587, implicit: 465, none: 25 } as const;

const schema = mapping({
  type: z.literal('email').describe('Sends e-mail by SMTP.'),
  host: expandable('the name of a mail server').describe('The mail server (SMTP). `${NAME}` is replaced.'),
  port: wholeNumber(1, 65_535).optional().describe('Default: 587; 465 with `tls: implicit`, 25 with `tls: none`.'),
  tls: oneOf(['starttls', 'implicit', 'none'])
    .default('starttls')
    .describe(
      '`starttls`: upgrades to TLS, or fails. `implicit`: TLS from the first byte. `none`: no TLS, for a server on this host or a test mail server; a password is then sent to loopback addresses only.',
    ),
  user: expandable('the name of a user').optional().describe('Default: no login. `${NAME}` is replaced.'),
  password: secret().optional().describe(`As ${SECRET_PLACE}.`),
  from: expandable('a mail address').describe(
    'The sender: `firedrill@example.com` or `Firedrill <firedrill@example.com>`. `${NAME}` is replaced.',
  ),
  to: z
    .array(expandable('a mail address'), { error: 'must be a list of mail addresses' })
    .min(1, { error: 'is empty; write at least one mail address' })
    .describe('Recipients. `${NAME}` is replaced.'),
});

export const email = defineChannel({
  type: 'email',
  title: 'e-mail',
  schema,
  keys: { texts: ['host', 'user', 'from'], lists: ['to'], secrets: ['password'] },
  starter: {
    host: '${SMTP_HOST}',
    user: '${SMTP_USER}',
    password: '${SMTP_PASSWORD}',
    from: '${ALERT_FROM}',
    to: ['${ALERT_TO}'],
  },
  takesDigests: true,
  takesReports: true,
  resolve: resolveEmail,
  create: createEmailChannel,
});

function resolveEmail(file: z.output<typeof schema>, { read, report }: ChannelReading): EmailSpec | undefined {
  const [host, user, password, from] = ['host', 'user', 'password', 'from'].map(read);
  const to = file.to.map((_, index) => read(`to.${index}`));
  if ((file.user === undefined) !== (file.password === undefined))
    report([], 'has only one of user and password; set both or neither');
  for (const [key, address] of [['from', from] as const, ...to.map((one, index) => [index, one] as const)]) {
    const path = key === 'from' ? ['from'] : ['to', key];
    if (address !== undefined && !isMailAddress(address))
      report(path, `${JSON.stringify(address)} is not a mail address; write one such as ops@example.com`);
  }
  if (host !== undefined && file.tls === 'none' && file.password !== undefined && !isLoopback(host))
    report(['tls'], 'none sends the password in clear text over the network; write starttls or implicit');
  const missesLogin = file.user !== undefined && (user === undefined || password === undefined);
  if (host === undefined || from === undefined || missesLogin) return undefined;
  return {
    type: 'email',
    host,
    port: file.port ?? PORTS[file.tls],
    tls: file.tls,
    login: user === undefined || password === undefined ? undefined : { user, password },
    from,
    to: to.filter((one) => one !== undefined),
  };
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}
