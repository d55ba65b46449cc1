import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { LOCALHOST } from './localhost-certificate.ts';

/** A mail server for one test, and the mail that it received. */
export interface Mailbox extends AsyncDisposable {
  readonly port: number;
  readonly mails: readonly string[];
  readonly logins: readonly string[];
  readonly wasSecure: readonly boolean[];
  /** Resolves when no connection is open. */
  allClosed(): Promise<void>;
}

export async function openMailbox(options: SMTPServerOptions = {}): Promise<Mailbox> {
  const mails: string[] = [];
  const logins: string[] = [];
  const wasSecure: boolean[] = [];
  const open = new Map<string, PromiseWithResolvers<void>>();
  const server = new SMTPServer({
    ...LOCALHOST,
    authOptional: true,
    logger: false,
    closeTimeout: 100,
    onAuth: (auth, _session, callback) => {
      logins.push(`${auth.username}:${auth.password}`);
      if (auth.password === 'right-password') callback(null, { user: auth.username });
      else callback(new Error(`Invalid login for ${auth.password}`));
    },
    onData: (stream, session, callback) => {
      wasSecure.push(session.secure);
      let text = '';
      stream.setEncoding('utf8').on('data', (part: string) => (text += part));
      stream.on('end', () => {
        mails.push(text);
        callback();
      });
    },
    onConnect: ({ id }, callback) => {
      open.set(id, Promise.withResolvers());
      callback();
    },
    onClose: ({ id }) => open.get(id)?.resolve(),
    ...options,
  });
  server.on('error', () => undefined); // some tests are about clients that disconnect
  server.listen(0, '127.0.0.1');
  await once(server.server, 'listening');
  return {
    port: (server.server.address() as AddressInfo).port,
    mails,
    logins,
    wasSecure,
    allClosed: async () => {
      await Promise.all([...open.values()].map(({ promise }) => promise));
    },
    [Symbol.asyncDispose]: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
