import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { StoreAddress } from '../../../src/record/store-address.ts';

export interface Writer {
  /** @returns how many runs it wrote. */
  stop(): Promise<number>;
}

/** Another process that claims, updates and finishes one run after the other, like a daemon, without ever waiting. */
export async function startWriter(address: StoreAddress): Promise<Writer> {
  const child = fork(fileURLToPath(new URL('./write-runs.ts', import.meta.url)), [JSON.stringify(address)]);
  await once(child, 'message');
  return {
    async stop() {
      const told = once(child, 'message');
      child.send('stop');
      const [count] = await told;
      if (child.exitCode === null) await once(child, 'exit');
      return Number(count);
    },
  };
}
