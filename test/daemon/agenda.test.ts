import { describe, expect, it } from 'vitest';
import { Agenda, type AgendaItem, type ScheduledDrill } from '../../src/daemon/agenda.ts';
import type { DrillState } from '../../src/record/schedule-store.ts';
import { scheduleHash } from '../../src/schedule/schedule-hash.ts';
import type { CronSchedule } from '../../src/schedule/timetable.ts';
import { EVERY_DAY, scheduleOf } from '../schedule/timetables.ts';

const at = (text: string) => new Date(`2026-11-${text}Z`);

function drillOf(name: string, cron: string, changes: Partial<CronSchedule> = {}): ScheduledDrill {
  const schedule = { ...scheduleOf(changes), cron };
  return { name, schedule, scheduleHash: scheduleHash(schedule) };
}

function stateOf({ name, scheduleHash }: ScheduledDrill, handledUntil: Date | undefined): DrillState {
  return {
    drill: name,
    version: 1,
    scheduleHash,
    scheduledSince: at('01T00:00'),
    handledUntil,
    newestBackup: undefined,
    handledBackup: undefined,
    pollError: undefined,
    waitsFor: undefined,
    schedules: [],
  };
}

const none = new Map<string, DrillState>();

function agendaOf(drills: readonly ScheduledDrill[], now: Date): Agenda {
  const agenda = new Agenda();
  agenda.set(drills, none, now);
  return agenda;
}

/** `orders 21T03:30` for a run that starts, `orders missed 3` for runs that are skipped. */
function tell(items: readonly AgendaItem[]): string[] {
  return items.flatMap(({ drill, decision: { start, skipped, waiting } }) => [
    ...(start ? [`${drill.name} ${start.due.at.toISOString().slice(8, 16)}`] : []),
    ...skipped.map(({ kind, count }) => `${drill.name} ${kind} ${count}`),
    ...(waiting ? [`${drill.name} waits until ${waiting.until.toISOString().slice(8, 16)}`] : []),
  ]);
}

/** Acts like a daemon that starts everything at once. */
function lookAndSettle(agenda: Agenda, now: Date): string[] {
  const items = agenda.takeDue(now);
  for (const { drill, decision } of items) agenda.settle(drill, decision.handledUntil);
  return tell(items);
}

const orders = drillOf('orders', '30 3 * * *');
const users = drillOf('users', '0 * * * *');

describe('the agenda', () => {
  it('starts each run when due, soonest first, and returns the next wake-up time', () => {
    const agenda = agendaOf([orders, users], at('21T01:30'));
    const told: string[] = [];
    for (let count = 0; count < 5; count += 1) {
      const next = agenda.nextDueAt;
      if (next) told.push(...lookAndSettle(agenda, next));
    }
    expect(told).toEqual(['users 21T02:00', 'users 21T03:00', 'orders 21T03:30', 'users 21T04:00', 'users 21T05:00']);
    expect(agenda.nextDueAt).toEqual(at('21T06:00'));
  });

  it('is empty without drills', () => {
    expect(agendaOf([], at('21T01:30'))).toMatchObject({ size: 0, nextDueAt: undefined });
    expect(new Agenda().takeDue(at('21T01:30'))).toEqual([]);
  });

  it('returns nothing before a run is due', () => {
    const agenda = agendaOf([orders], at('21T01:30'));
    expect(agenda.takeDue(at('21T03:29:59.999'))).toEqual([]);
    expect(tell(agenda.takeDue(at('21T03:30')))).toEqual(['orders 21T03:30']);
  });

  it('hands out very many due runs in batches', () => {
    const many = Array.from({ length: 1500 }, (_, number) => drillOf(`drill-${number}`, '30 3 * * *'));
    const agenda = agendaOf(many, at('21T01:30'));
    expect(agenda.takeDue(at('21T03:30'))).toHaveLength(1000);
    expect(agenda.nextDueAt).toEqual(at('21T03:30'));
    expect(agenda.takeDue(at('21T03:30'))).toHaveLength(500);
    expect(agenda.nextDueAt).toBeUndefined();
  });
});

describe('a queued run', () => {
  it('is not queued again, however long it waits, and covers runs that become due meanwhile', () => {
    const agenda = agendaOf([users], at('21T01:30'));
    const [item] = agenda.takeDue(at('21T02:00'));
    expect(agenda.nextDueAt).toBeUndefined();
    expect(agenda.takeDue(at('21T05:20'))).toEqual([]);
    agenda.settle(users, item?.decision.handledUntil ?? at('01T00:00'));
    expect(tell(agenda.takeDue(at('21T05:20')))).toEqual(['users 21T05:00', 'users superseded 2']);
  });

  it('is queued again when storing it failed', () => {
    const agenda = agendaOf([users], at('21T01:30'));
    expect(tell(agenda.takeDue(at('21T02:00')))).toEqual(['users 21T02:00']);
    agenda.settle(users, at('21T01:30'));
    expect(agenda.nextDueAt).toEqual(at('21T02:00'));
    expect(tell(agenda.takeDue(at('21T02:00:30')))).toEqual(['users 21T02:00']);
  });

  it('is left alone when another process is ahead', () => {
    const agenda = agendaOf([users], at('21T01:30'));
    expect(tell(agenda.takeDue(at('21T03:10')))).toEqual(['users 21T03:00', 'users superseded 1']);
    agenda.settle(users, at('21T03:09'));
    expect(agenda.takeDue(at('21T03:10'))).toEqual([]);
    expect(agenda.nextDueAt).toEqual(at('21T04:00'));
  });
});

describe('a skipped run', () => {
  it('is returned until stored, and then never again', () => {
    const skipping = drillOf('users', '0 * * * *', { missed: 'skip' });
    const agenda = agendaOf([skipping], at('21T01:30'));
    expect(tell(agenda.takeDue(at('21T04:30')))).toEqual(['users missed 3']);
    expect(agenda.takeDue(at('21T04:31'))).toEqual([]);
    agenda.settle(skipping, at('21T01:30'));
    expect(lookAndSettle(agenda, at('21T04:32'))).toEqual(['users missed 3']);
    expect(agenda.takeDue(at('21T04:59'))).toEqual([]);
    expect(tell(agenda.takeDue(at('21T05:00')))).toEqual(['users 21T05:00']);
  });
});

describe('a missed run that waits for the end of a window', () => {
  const notDuring = [{ days: EVERY_DAY, fromMinute: 480, toMinute: 1080 }];
  const restricted = drillOf('orders', '30 3,9,21 * * *', { notDuring });
  const states = new Map([['orders', stateOf(restricted, at('20T23:00'))]]);

  it('is reported once, stored or not, and starts when the window ends', () => {
    const agenda = new Agenda();
    agenda.set([restricted], states, at('21T09:00'));
    expect(tell(agenda.takeDue(at('21T09:00')))).toEqual(['orders waits until 21T18:00']);
    expect(agenda.nextDueAt).toEqual(at('21T09:30'));
    expect(agenda.takeDue(at('21T09:30'))).toEqual([]);
    agenda.settle(restricted, at('21T03:29:59.999'));
    expect(agenda.takeDue(at('21T10:00'))).toEqual([]);
    expect(agenda.nextDueAt).toEqual(at('21T18:00'));
    expect(lookAndSettle(agenda, at('21T18:00'))).toEqual(['orders 21T03:30', 'orders window 1']);
    expect(agenda.nextDueAt).toEqual(at('21T21:30'));
  });

  it('starts earlier when the window is removed from its file', () => {
    const agenda = new Agenda();
    agenda.set([restricted], states, at('21T09:00'));
    agenda.takeDue(at('21T09:00'));
    agenda.set([drillOf('orders', '30 3,9,21 * * *')], states, at('21T09:10'));
    expect(tell(agenda.takeDue(at('21T09:10')))).toEqual(['orders 21T03:30']);
  });
});

describe('changed drills', () => {
  it('continue after a restart from the stored state', () => {
    const agenda = new Agenda();
    const states = new Map([['orders', stateOf(orders, at('20T12:00'))]]);
    expect(agenda.set([orders], states, at('21T09:00'))).toEqual({ begun: [], dropped: [] });
    expect(tell(agenda.takeDue(at('21T09:00')))).toEqual(['orders 21T03:30']);
  });

  it('have missed what was due since they were first seen, by default', () => {
    const agenda = new Agenda();
    agenda.set([orders], new Map([['orders', stateOf(orders, undefined)]]), at('21T09:00'));
    expect(tell(agenda.takeDue(at('21T09:00')))).toEqual(['orders 21T03:30', 'orders superseded 20']);
  });

  it('have missed nothing when they or their times are new', () => {
    const agenda = new Agenda();
    const states = new Map([['users', stateOf(drillOf('users', '15 * * * *'), at('10T00:00'))]]);
    expect(agenda.set([orders, users], states, at('21T09:00'))).toEqual({
      begun: [
        { drill: orders, since: at('21T09:00') },
        { drill: users, since: at('21T09:00') },
      ],
      dropped: [],
    });
    expect(agenda.takeDue(at('21T09:59'))).toEqual([]);
    expect(agenda.nextDueAt).toEqual(at('21T10:00'));
  });

  it('continue unchanged when their file is reloaded, whether or not the store knows them', () => {
    const agenda = agendaOf([orders, users], at('21T01:30'));
    const [held] = agenda.takeDue(at('21T02:00'));
    expect(agenda.set([orders, users], none, at('21T03:45'))).toEqual({
      begun: [
        { drill: orders, since: at('21T01:30') },
        { drill: users, since: at('21T01:30') },
      ],
      dropped: [],
    });
    expect(held?.drill).toBe(users);
    expect(tell(agenda.takeDue(at('21T03:45')))).toEqual(['orders 21T03:30']);
  });

  it('continue from where another process is', () => {
    const agenda = agendaOf([users], at('21T01:30'));
    agenda.set([users], new Map([['users', stateOf(users, at('21T04:10'))]]), at('21T04:20'));
    expect(agenda.takeDue(at('21T04:20'))).toEqual([]);
    expect(agenda.nextDueAt).toEqual(at('21T05:00'));
  });

  it('leave the queue when they are removed or get other times', () => {
    const agenda = agendaOf([orders, users], at('21T03:15'));
    const items = agenda.takeDue(at('21T04:00'));
    expect(items).toHaveLength(2);
    const later = drillOf('orders', '30 5 * * *');
    const { begun, dropped } = agenda.set([later], none, at('21T04:10'));
    expect(begun).toEqual([{ drill: later, since: at('21T04:10') }]);
    expect(dropped).toEqual(items);
    for (const { drill } of dropped) agenda.settle(drill, at('21T06:00'));
    expect(agenda).toMatchObject({ size: 1, nextDueAt: at('21T05:30') });
  });

  it('keep their queued run when only its jitter changes', () => {
    const agenda = agendaOf([orders], at('21T03:15'));
    agenda.takeDue(at('21T03:30'));
    const restricted = drillOf('orders', '30 3 * * *', { jitterMs: 600_000 });
    expect(agenda.set([restricted], none, at('21T03:31')).dropped).toEqual([]);
    expect(agenda.takeDue(at('21T03:40'))).toEqual([]);
    agenda.settle(orders, at('21T03:30'));
    expect(agenda.nextDueAt).not.toEqual(at('22T03:30'));
  });

  it('are refused without a change when a schedule is invalid', () => {
    const agenda = agendaOf([orders], at('21T03:15'));
    expect(() => agenda.set([users, drillOf('bad', '30 25 * * *')], none, at('21T03:20'))).toThrow(RangeError);
    expect(agenda).toMatchObject({ size: 1, nextDueAt: at('21T03:30') });
  });
});

describe('a system clock that jumps', () => {
  it('back by hours starts nothing twice, and continues after the last run', () => {
    const agenda = agendaOf([users, orders], at('21T01:30'));
    expect(lookAndSettle(agenda, at('21T06:00'))).toEqual(['users 21T06:00', 'users superseded 4', 'orders 21T03:30']);
    for (const time of ['21T02:00', '21T03:30', '21T05:00', '21T06:00']) expect(agenda.takeDue(at(time))).toEqual([]);
    expect(agenda.nextDueAt).toEqual(at('21T07:00'));
    expect(lookAndSettle(agenda, at('21T07:00'))).toEqual(['users 21T07:00']);
    expect(lookAndSettle(agenda, at('22T03:30'))).toEqual(['users 22T03:00', 'users superseded 19', 'orders 22T03:30']);
  });

  it('back while a run is queued loses nothing', () => {
    const agenda = agendaOf([users], at('21T01:30'));
    const [item] = agenda.takeDue(at('21T06:00'));
    expect(agenda.takeDue(at('21T02:00'))).toEqual([]);
    agenda.settle(users, item?.decision.handledUntil ?? at('01T00:00'));
    expect(agenda.takeDue(at('21T02:00'))).toEqual([]);
    expect(tell(agenda.takeDue(at('21T07:00')))).toEqual(['users 21T07:00']);
  });

  it('back while nothing was due makes nothing late', () => {
    const agenda = agendaOf([orders], at('21T01:30'));
    expect(agenda.takeDue(at('21T03:00'))).toEqual([]);
    expect(agenda.takeDue(at('20T22:00'))).toEqual([]);
    expect(tell(agenda.takeDue(at('21T03:30')))).toEqual(['orders 21T03:30']);
  });

  it('forward by hours, as after a suspend, catches up missed runs once', () => {
    const agenda = agendaOf([users, orders], at('21T01:30'));
    expect(lookAndSettle(agenda, at('21T09:20'))).toEqual(['users 21T09:00', 'users superseded 7', 'orders 21T03:30']);
    expect(agenda.takeDue(at('21T09:59'))).toEqual([]);
    expect(lookAndSettle(agenda, at('21T10:00'))).toEqual(['users 21T10:00']);
  });

  it('back to before a run that waits for the end of a window starts it on time', () => {
    const notDuring = [{ days: EVERY_DAY, fromMinute: 480, toMinute: 1080 }];
    const restricted = drillOf('orders', '30 3 * * *', { notDuring });
    const agenda = new Agenda();
    agenda.set([restricted], new Map([['orders', stateOf(restricted, at('20T12:00'))]]), at('21T09:00'));
    expect(tell(agenda.takeDue(at('21T09:00')))).toEqual(['orders waits until 21T18:00']);
    expect(agenda.takeDue(at('21T08:59'))).toEqual([]);
    expect(agenda.nextDueAt).toEqual(at('21T18:00'));
    expect(agenda.takeDue(at('21T02:00'))).toEqual([]);
    expect(agenda.nextDueAt).toEqual(at('21T03:30'));
    expect(lookAndSettle(agenda, at('21T03:30'))).toEqual(['orders 21T03:30']);
    expect(agenda.nextDueAt).toEqual(at('22T03:30'));
  });

  it('back by years does not stop a drill for years', () => {
    const wrong = new Date('2036-01-01T00:00Z');
    const agenda = agendaOf([users, orders], at('21T01:30'));
    const [item] = agenda.takeDue(wrong);
    const { drill, decision } = item ?? { drill: users, decision: { handledUntil: wrong } };
    agenda.settle(drill, decision.handledUntil);
    expect(agenda.takeDue(at('21T01:40'))).toEqual([]);
    agenda.settle(drill === users ? orders : users, wrong); // stored after the clock was corrected
    expect(lookAndSettle(agenda, at('21T02:00'))).toEqual(['users 21T02:00']);
    expect(lookAndSettle(agenda, at('21T03:30')).sort()).toEqual(['orders 21T03:30', 'users 21T03:00']);
  });

  it('back by years between two starts is not trusted either', () => {
    const agenda = new Agenda();
    const states = new Map([['users', stateOf(users, new Date('2036-01-01T00:00Z'))]]);
    expect(agenda.set([users], states, at('21T01:30')).begun).toEqual([{ drill: users, since: at('21T01:30') }]);
    expect(agenda.nextDueAt).toEqual(at('21T02:00'));
  });
});
