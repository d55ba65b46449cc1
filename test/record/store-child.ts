import { rmSync, writeFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { openSqliteStore } from '../../src/record/sqlite/sqlite-store.ts';
import type { Store } from '../../src/record/store.ts';
import { asDrillError } from '../../src/support/errors.ts';
import { currentOwner, formatOwner } from '../../src/support/owner.ts';
import { NOON, passedRun, runningRun, stageOf } from '../support/run-records.ts';
import { drillState } from '../support/schedule-records.ts';

/**
 * The actions of a child process in tests with several processes: `node store-child.ts ACTION PATH ARGUMENT`. Reports each step on
 * stdout.
 */
const ACTIONS: Record<string, (store: Store, argument: string) => Promise<void>> = {
  /** Completes twenty-five runs. */
  async drill(store, prefix) {
    for (let index = 0; index < 25; index += 1) {
      const id = `${prefix}-${index}`;
      await store.claim(runningRun({ id, drill: prefix }));
      await store.addStage(id, stageOf('locate', index));
      await store.addLog(id, [{ at: NOON, level: 'info', message: id }]);
      await store.finish(passedRun({ id, drill: prefix }));
    }
  },
  async finish(store, id) {
    await store.finish(passedRun({ id, triggeredBy: String(process.pid) }));
  },
  /** Claims a run, then writes forever. */
  async write(store, id) {
    await store.claim(runningRun({ id, leaseOwner: formatOwner(currentOwner()) }));
    for (let index = 0; ; index += 1) {
      await store.addStage(id, stageOf('restore', index));
      await store.addLog(id, [{ at: NOON, level: 'info', message: String(index) }]);
      say(`wrote ${index}`);
    }
  },
  /** Claims each of ten due runs, unless another process was faster. */
  async 'claim-due'(store, prefix) {
    say('ready');
    for (let index = 0; index < 10; index += 1) {
      const drill = `drill-${index}`;
      const run = runningRun({ id: `${drill}-by-${prefix}`, drill });
      const due = { state: drillState({ drill, handledUntil: NOON }), skips: [], maxRunning: 100 };
      say(`${drill} ${(await store.claimDue(run, due)).kind}`);
    }
  },
  /** Changes a state twenty times, retrying each change until no other process interferes. */
  async 'change-state'(store) {
    say('ready');
    for (let changed = 0; changed < 20; ) {
      const [state = drillState()] = await store.getDrillStates();
      if (await store.saveDrillState(state, [])) changed += 1;
    }
  },
  /** Sends the messages that others do not. */
  async 'take-messages'(store) {
    say('ready');
    for (;;) {
      const taken = await store.takeDeliveries(NOON, new Date(NOON.getTime() + 60_000), 2);
      if (taken.length === 0) return;
      for (const { id } of taken) {
        await store.endDelivery(id, { kind: 'sent', at: NOON });
        say(`sent ${id}`);
      }
    }
  },
  /** Writes until the disk is full, and again once there is space. */
  async fill(store, id) {
    const ballast = `${path}-ballast`;
    writeFileSync(ballast, Buffer.alloc(1_000_000, 1));
    await store.claim(runningRun({ id }));
    try {
      for (;;) await store.addLog(id, [{ at: NOON, level: 'info', message: 'word '.repeat(20_000) }]);
    } catch (error) {
      say(asDrillError(error).code);
    }
    rmSync(ballast);
    await store.finish(passedRun({ id }));
    say((await store.getRun(id)).status);
  },
};

const [action = '', path = '', argument = ''] = process.argv.slice(2);
if (action === 'hold') holdTransaction(path, argument);
else await act();

async function act(): Promise<void> {
  try {
    await using store = await openSqliteStore(path, { lockWaitMs: 60_000 });
    await ACTIONS[action]?.(store, argument);
    say('done');
  } catch (error) {
    say(asDrillError(error).code);
  }
}

/** Changes a run inside a transaction and keeps it open until killed. */
function holdTransaction(file: string, id: string): void {
  const database = new DatabaseSync(file);
  database.exec(`begin immediate; update run set status = 'completed', verdict = 'passed' where id = '${id}'`);
  say('inside');
  setInterval(() => undefined, 1000);
}

function say(words: string): void {
  process.stdout.write(`${words}\n`);
}
