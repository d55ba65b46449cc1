import { z } from 'zod';
import { FLEET_STATES } from '../../status/fleet.ts';

const instant = z.iso.datetime();

const engine = z.strictObject({
  address: z.string(),
  isReachable: z.boolean(),
  unreachableSince: instant.nullable(),
  sandboxes: z.int().nullable().describe('On it now, of all machines; null, as the rest: it does not answer.'),
  memoryBytes: z.number().nullable(),
  freeMemoryBytes: z.number().nullable().describe('What no sandbox may take.'),
  cpus: z.number().nullable(),
  freeCpus: z.number().nullable(),
});

export const runners = z
  .strictObject({
    processes: z
      .array(
        z.strictObject({
          role: z.enum(['scheduler', 'runner']),
          host: z.string(),
          pid: z.int().nullable(),
          pool: z.string().nullable().describe('The pool whose drills a runner runs.'),
          version: z.string(),
          startedAt: instant,
          lastSeenAt: instant.describe('Its last heartbeat.'),
          state: z
            .enum(FLEET_STATES)
            .describe(
              '`standby`: a scheduler that is not the leader; `draining`: it finishes its runs in progress and takes no new ones; `silent`: its heartbeat is overdue; `lost`: no heartbeat for 2 minutes.',
            ),
          silentSeconds: z
            .int()
            .nullable()
            .describe('Time since the last heartbeat of a `silent` process; null: it is not silent.'),
          sandboxes: z.int().nullable().describe('Maximum number of concurrent runs; null: not known.'),
          engines: z
            .array(engine)
            .describe(
              'Container engines that its settings name, as it saw them about 30 s ago; empty: they name none.',
            ),
          runs: z
            .array(z.strictObject({ id: z.string(), drill: z.string(), startedAt: instant }))
            .describe('In progress, oldest first.'),
        }),
      )
      .describe(
        'Schedulers, then runners. A process that is gone is listed for a week, unless another one replaced it on its host.',
      ),
    pools: z.array(
      z.strictObject({
        pool: z.string(),
        isServed: z.boolean(),
        sentence: z.string().describe('Which runners serve the pool, or since when none does.'),
        drills: z.int().describe('How many drills use it.'),
        queued: z
          .array(z.strictObject({ drill: z.string(), since: instant }))
          .describe('Runs waiting for a runner, in queue order.'),
      }),
    ),
  })
  .meta({ id: 'Runners' });
