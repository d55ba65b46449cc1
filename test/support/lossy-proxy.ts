import { mkdirSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';

/** Passes data between a client and a Postgres server, and drops connections on request. */
export interface LossyProxy extends AsyncDisposable {
  /** The directory of its socket, which is the host of an address. */
  readonly host: string;
  /** Drops the next connections whose client sends this text: before the server gets it, or once it has responded. */
  loseNext(said: string, when: 'unheard' | 'unanswered', times?: number): void;
  /** Number of connections dropped. */
  readonly lost: number;
}

/** @param directory of the server's socket; `name` a directory in it that does not exist yet. */
export async function startLossyProxy(directory: string, name: string): Promise<LossyProxy> {
  const host = join(directory, name);
  mkdirSync(host);
  let plan: { said: string; when: 'unheard' | 'unanswered'; times: number } | undefined;
  let lost = 0;
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(join(directory, '.s.PGSQL.5432'));
    let isLosing = false;
    const lose = () => {
      lost += 1;
      client.destroy();
      upstream.destroy();
    };
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => undefined).on('close', () => [client, upstream].map((one) => one.destroy()));
    }
    client.on('data', (bytes) => {
      if (plan && plan.times > 0 && bytes.includes(plan.said)) {
        plan.times -= 1;
        if (plan.when === 'unheard') return lose();
        isLosing = true;
      }
      return upstream.write(bytes);
    });
    upstream.on('data', (bytes) => (isLosing ? lose() : client.write(bytes)));
  });
  await new Promise<void>((resolve) => server.listen(join(host, '.s.PGSQL.5432'), resolve));
  return {
    host,
    loseNext(said, when, times = 1) {
      plan = { said, when, times };
    },
    get lost() {
      return lost;
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
