import { z } from 'zod';
import { FLEET_STATES } from '../../status/fleet.ts';

const instant = z.iso.datetime();

export const runners = z
  .strictObject({
    processes: z
      .array(
        z.strictObject({
          role: z.enum(['scheduler', 'runner']),
          host: z.string(),
          pid: z.int().nullable(),
          pool: z.string().nullable().describe('Whose drills a runner runs.'),
          version: z.string(),
          startedAt: instant,
          lastSeenAt: instant.describe('Its last heartbeat.'),
          state: z
            .enum(FLEET_STATES)
            .describe(
              '`standby`: a scheduler beside the one that leads; `draining`: it takes no more runs, and ends those in progress; `silent`: its heartbeat is overdue; `lost`: no heartbeat for 2 minutes.',
            ),
          silentSeconds: z
            .int()
            .nullable()
            .describe('How long a `silent` one has sent no heartbeat; null: it is not silent.'),
          sandboxes: z.int().nullable().describe('How many runs it has at once, at most; null: not known.'),
          runs: z
            .array(z.strictObject({ id: z.string(), drill: z.string(), startedAt: instant }))
            .describe('In progress, oldest first.'),
        }),
      )
      .describe(
        'Schedulers, then runners. One that is gone is listed for a week, unless another took its place on its host.',
      ),
    pools: z.array(
      z.strictObject({
        pool: z.string(),
        isServed: z.boolean(),
        sentence: z.string().describe('By which runners, or since when by none.'),
        drills: z.int().describe('How many drills name it.'),
        queued: z
          .array(z.strictObject({ drill: z.string(), since: instant }))
          .describe('Runs that wait for a runner, in their order.'),
      }),
    ),
  })
  .meta({ id: 'Runners' });
