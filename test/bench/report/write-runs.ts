import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { makeRunId } from '../../../src/record/run-id.ts';
import type { StoreAddress } from '../../../src/record/store-address.ts';
import { withRedaction } from '../../../src/record/with-redaction.ts';
import { currentOwner, formatOwner } from '../../../src/support/owner.ts';
import { Redactor } from '../../../src/support/redact.ts';
import { STAGES } from '../../../src/support/vocabulary.ts';
import { passedRun, runningRun, stageOf } from '../../support/run-records.ts';
import { openStore } from './bench-stores.ts';

/** `node write-runs.ts ADDRESS`, in JSON, as a child with a channel: writes runs until it is told to stop, and reports how many. */
const address = JSON.parse(process.argv[2] ?? '') as StoreAddress;
/** Owned by this process, so that no scheduler takes its runs for those of a dead one. */
const leaseOwner = formatOwner(currentOwner());
let goesOn = true;
const told = once(process, 'message').then(() => {
  goesOn = false;
});
let count = 0;
{
  await using store = withRedaction(await openStore(address), new Redactor());
  process.send?.('ready');
  while (goesOn) {
    const startedAt = new Date();
    const id = makeRunId(startedAt, randomBytes);
    const leaseExpiresAt = new Date(startedAt.getTime() + 120_000);
    const run = { id, drill: 'written-meanwhile', startedAt, endedAt: startedAt, leaseOwner, leaseExpiresAt };
    await store.claim(runningRun(run));
    for (const stage of STAGES) {
      await store.addStage(id, stageOf(stage, 1000));
      await store.addLog(id, [{ at: startedAt, level: 'info', message: `${stage} has ended` }]);
      await delay(20); // a real run takes minutes for what this writes in an instant
    }
    await store.finish(passedRun(run));
    count += 1;
  }
}
await told;
process.send?.(count);
process.disconnect();
