import { copyStore } from '../../../src/record/copy/copy-store.ts';
import { openPostgresCopy } from '../../../src/record/postgres/postgres-copy.ts';
import { openSqliteCopy } from '../../../src/record/sqlite/sqlite-copy.ts';
import type { PostgresAddress, StoreAddress } from '../../../src/record/store-address.ts';
import { NOON } from '../../support/run-records.ts';

/** `node copy-child.ts FROM TO AT`: copies, and kills itself in the middle of transaction number AT, or just after it if AT ends in `+`. */
const [from = '', to = '', at = ''] = process.argv.slice(2);
const open = (address: StoreAddress, side: 'from' | 'to') =>
  address.kind === 'sqlite' ? openSqliteCopy(address.path, side) : openPostgresCopy(address as PostgresAddress, side);
const source = await open(JSON.parse(from) as StoreAddress, 'from');
const target = await open(JSON.parse(to) as StoreAddress, 'to');
let left = Number.parseInt(at, 10);
await copyStore(
  source,
  {
    ...target,
    async transaction(isDurable, work) {
      left -= 1;
      await target.transaction(isDurable, async () => {
        await work();
        if (left === 0 && !at.endsWith('+')) process.kill(process.pid, 'SIGKILL');
      });
      if (left === 0) process.kill(process.pid, 'SIGKILL');
    },
  },
  { now: () => NOON, isDead: () => false, tell: () => undefined },
);
