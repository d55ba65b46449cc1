import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NotifyError } from '../../src/notify/notify-error.ts';
import type { NotificationStore } from '../../src/record/notification-store.ts';
import type { Standing } from '../../src/status/standing.ts';
import { createMemoryStore } from '../support/memory-store.ts';
import { failedRun, NOON, passedRun } from '../support/run-records.ts';
import {
  clockAt,
  errored,
  type FakeChannel,
  fakeChannel,
  HOUR_MS,
  notifierOf,
  passed,
  standing,
  subjectOf,
} from './standings.ts';

const noSignal = new AbortController().signal;
const refuse = (retryable: boolean, retryAfterMs?: number) => () =>
  Promise.reject(new NotifyError('chat answered 500 verysecret1', { retryable, retryAfterMs }));

function setUp(channels: readonly FakeChannel[] = [fakeChannel('chat')], settings = {}) {
  const store = createMemoryStore();
  const clock = clockAt();
  const defaults = { routes: undefined, reminders: 'daily', digest: undefined } as const;
  const notifier = notifierOf({ store, channels, clock, settings: { ...defaults, ...settings } });
  const [chat = fakeChannel('none')] = channels;
  const consider = (...standings: Standing[]) =>
    notifier.consider(
      standings.map((one) => subjectOf(one)),
      clock.now(),
    );
  const statuses = async () =>
    (await store.findDeliveries({ limit: 100 })).map(({ channel, status, error }) => ({ channel, status, error }));
  return { store, clock, notifier, chat, consider, statuses };
}

const kinds = ({ sent }: FakeChannel) => sent.map(({ kind }) => kind);

describe('trouble', () => {
  it('is reported once, and so is its end, however often it is checked', async () => {
    const { notifier, consider, chat } = setUp();
    expect(await consider(standing())).toEqual([{ subject: 'orders', kind: 'problem', channels: ['chat'] }]);
    expect(await consider(standing())).toEqual([]);
    await notifier.deliver(noSignal);
    await notifier.deliver(noSignal);
    await consider(passed());
    await notifier.deliver(noSignal);
    expect(kinds(chat)).toEqual(['problem', 'resolved']);
  });

  it('is reported once by two processes that notice it at the same time', async () => {
    const { store, clock, consider, chat, notifier } = setUp();
    const stale: NotificationStore = { ...store, getAlerts: async () => [] }; // it checked before the other one notified
    const other = notifierOf({ store: stale, channels: [chat], clock });
    await consider(standing());
    expect(await other.consider([subjectOf(standing())], clock.now())).toEqual([]);
    await Promise.all([notifier.deliver(noSignal), other.deliver(noSignal)]);
    expect(kinds(chat)).toEqual(['problem']);
  });

  it('follows the routes; its end goes to the channels that got it, and a new channel does not count as a change', async () => {
    const [data, harness] = [fakeChannel('data'), fakeChannel('harness')];
    const any = { tier: undefined, owner: undefined, reason: undefined };
    const routes = [
      { ...any, to: ['data'], status: ['failed'] },
      { ...any, to: ['harness'], status: ['errored'] },
    ];
    const { consider, notifier } = setUp([data, harness], { routes });
    await consider(standing());
    await consider(errored());
    await consider(standing());
    await consider(passed());
    await notifier.deliver(noSignal);
    expect(kinds(data)).toEqual(['problem', 'changed', 'resolved']);
    expect(kinds(harness)).toEqual(['problem', 'resolved']);
  });

  it('that no route matches is reported as unrouted', async () => {
    const routes = [{ to: ['chat'], tier: [0], owner: undefined, reason: undefined, status: undefined }];
    const { consider } = setUp(undefined, { routes });
    expect(await consider(standing())).toEqual([{ subject: 'orders', kind: 'problem', channels: [] }]);
  });

  it('is routed by the reasons of its run', async () => {
    const routes = [{ to: ['chat'], tier: undefined, owner: undefined, status: undefined, reason: ['too-slow'] }];
    const { notifier, clock, chat } = setUp(undefined, { routes });
    await notifier.consider([subjectOf(standing(), failedRun())], clock.now());
    await notifier.deliver(noSignal);
    expect(chat.sent[0]?.headline).toBe('FAILED orders: recovery took 41 min, target 15 min (26 min over)');
  });

  it('is not repeated on a channel that keeps incidents open', async () => {
    const pager = fakeChannel('pager', ({ kind }) => kind !== 'reminder');
    const { consider, notifier, clock, chat } = setUp([fakeChannel('chat'), pager]);
    await consider(standing());
    clock.advance(24 * HOUR_MS);
    await consider(standing());
    await notifier.deliver(noSignal);
    expect(kinds(chat)).toEqual(['problem', 'reminder']);
    expect(kinds(pager)).toEqual(['problem']);
  });

  it('that began before any channel existed is sent as new to the first one', async () => {
    const { store, clock, chat } = setUp();
    const without = notifierOf({ store, clock, channels: [] });
    await without.consider([subjectOf(standing())], clock.now());
    const { notifier } = { notifier: notifierOf({ store, clock, channels: [chat] }) };
    await notifier.consider([subjectOf(standing())], clock.now());
    await notifier.deliver(noSignal);
    expect(kinds(chat)).toEqual(['problem']);
  });

  it('of a removed drill ends, unless a broken file may define it or a filter excludes it', async () => {
    const { consider, notifier, clock } = setUp();
    const broken = standing({ drill: 'file:drills/orders.yaml', state: 'broken', fingerprint: 'broken' });
    const whole = (...standings: Standing[]) =>
      notifier.consider(
        standings.map((one) => subjectOf(one)),
        clock.now(),
        { isWhole: true },
      );
    await consider(standing());
    expect(await consider(passed({ drill: 'stock' }))).toEqual([]);
    expect(await whole(broken)).toEqual([{ subject: broken.drill, kind: 'problem', channels: ['chat'] }]);
    expect(await whole(passed({ drill: 'stock' }))).toEqual(
      [
        { subject: broken.drill, kind: 'resolved', channels: ['chat'] },
        { subject: 'orders', kind: 'resolved', channels: ['chat'] },
      ].toSorted((a, b) => (a.subject < b.subject ? -1 : 1)),
    );
    expect(await whole()).toEqual([]);
  });

  it('and its end reach each notified channel exactly once, in order, whatever happens', async () => {
    const step = fc.record({
      of: fc.constantFrom(
        passed(),
        standing(),
        standing({ fingerprint: 'failed:wrong-data' }),
        errored(),
        standing({ state: 'running', fingerprint: 'running', isProvisional: true }),
      ),
      afterMs: fc.integer({ min: 0, max: 30 * HOUR_MS }),
      fails: fc.boolean(),
      delivers: fc.boolean(),
    });
    const any = { tier: undefined, owner: undefined, reason: undefined };
    const routes = [
      { ...any, to: ['data'], status: ['failed'] },
      { ...any, to: ['harness'], status: ['errored'] },
    ];
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
        const channels = [fakeChannel('data'), fakeChannel('harness')];
        const { consider, notifier, clock } = setUp(channels, { routes });
        let failures = 0;
        for (const { of, afterMs, delivers, ...rest } of steps) {
          const fails = rest.fails && failures < 5; // beyond that, notifications are abandoned
          failures += fails ? 1 : 0;
          clock.advance(afterMs);
          await consider(of);
          if (fails) for (const { plan } of channels) if (plan.length === 0) plan.push(refuse(true));
          if (delivers) await notifier.deliver(noSignal);
        }
        await consider(passed());
        for (const { plan } of channels) plan.length = 0;
        for (let tries = 0; tries < 4; tries += 1) {
          await notifier.deliver(noSignal);
          clock.advance(HOUR_MS);
        }
        for (const channel of channels) {
          expect(kinds(channel).join(' ')).toMatch(/^(problem( changed| reminder)* resolved ?)*$/);
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe('a notification', () => {
  it('that fails is retried, less and less often, and abandoned after a day', async () => {
    const { consider, notifier, clock, chat, statuses, store } = setUp();
    await consider(standing());
    const waits: number[] = [];
    for (;;) {
      chat.plan.push(refuse(true));
      await notifier.deliver(noSignal);
      const [delivery] = await store.findDeliveries({ limit: 1 });
      if (delivery?.status !== 'pending') break;
      expect(await notifier.deliver(noSignal)).toMatchObject({ sent: 0, retried: 0 });
      const waitMs = delivery.nextAttemptAt.getTime() - clock.now().getTime();
      waits.push(waitMs);
      clock.advance(waitMs);
    }
    expect(waits.slice(0, 6).map((ms) => ms / 60_000)).toEqual([0.5, 2, 10, 30, 60, 60]);
    expect(waits.reduce((sum, ms) => sum + ms, 0)).toBeLessThanOrEqual(24 * HOUR_MS);
    expect(waits).toHaveLength(27);
    expect(await statuses()).toEqual([
      {
        channel: 'chat',
        status: 'given-up',
        error: 'chat answered 500 *** (the last of 28 attempts)',
      },
    ]);
    expect(chat.sent).toEqual([]);
  });

  it('keeps its id through retries', async () => {
    const { consider, notifier, clock, chat } = setUp();
    const ids: string[] = [];
    const { send } = chat;
    chat.send = async (notification, signal) => {
      ids.push(notification.id);
      await send(notification, signal);
    };
    chat.plan.push(refuse(true));
    await consider(standing());
    await notifier.deliver(noSignal);
    clock.advance(30_000);
    await notifier.deliver(noSignal);
    expect(ids).toHaveLength(2);
    expect(new Set(ids).size).toBe(1);
  });

  it('waits as long as the channel asks', async () => {
    const { consider, notifier, clock, chat } = setUp();
    chat.plan.push(refuse(true, 90_000));
    await consider(standing());
    await notifier.deliver(noSignal);
    clock.advance(89_999);
    await notifier.deliver(noSignal);
    expect(chat.sent).toEqual([]);
    clock.advance(1);
    await notifier.deliver(noSignal);
    expect(kinds(chat)).toEqual(['problem']);
  });

  it('waits ten minutes at most when a channel asks for a day', async () => {
    const { consider, notifier, clock, chat } = setUp();
    chat.plan.push(refuse(true, 24 * HOUR_MS));
    await consider(standing());
    await notifier.deliver(noSignal);
    clock.advance(600_000);
    await notifier.deliver(noSignal);
    expect(kinds(chat)).toEqual(['problem']);
  });

  it('that will never be accepted is abandoned at once, with a reason free of secrets', async () => {
    const { consider, notifier, chat, statuses } = setUp();
    chat.plan.push(refuse(false));
    await consider(standing());
    expect(await notifier.deliver(noSignal)).toEqual({
      sent: 0,
      retried: 0,
      givenUp: 1,
      problems: ['chat: delivery failed for good: chat answered 500 ***'],
    });
    expect(await statuses()).toEqual([{ channel: 'chat', status: 'given-up', error: 'chat answered 500 ***' }]);
  });

  it('to a removed channel or in an unknown form is abandoned', async () => {
    const { store, clock, consider, notifier, statuses } = setUp();
    await consider(standing());
    await store.enqueue([
      { id: 'x', key: 'x', channel: 'chat', subject: 'stock', notification: '{"kind":"later"}', createdAt: NOON },
    ]);
    const other = notifierOf({ store, clock, channels: [fakeChannel('mail')] });
    await store.enqueue([
      { id: 'y', key: 'y', channel: 'mail', subject: 'users', notification: '{}', createdAt: NOON },
    ]);
    await other.deliver(noSignal);
    await notifier.deliver(noSignal);
    expect((await statuses()).map(({ error }) => error).toSorted()).toEqual([
      'the channel was removed from the settings',
      'the channel was removed from the settings',
      'this version cannot read the notification',
    ]);
  });

  it('is sent before later ones about the same drill, even when retried', async () => {
    const { consider, notifier, clock, chat } = setUp();
    chat.plan.push(refuse(true));
    await consider(standing());
    await notifier.deliver(noSignal);
    await consider(passed(), standing({ drill: 'stock' }));
    await notifier.deliver(noSignal);
    expect(chat.sent.map(({ kind, drill }) => `${kind} ${drill?.name}`)).toEqual(['problem stock']);
    clock.advance(30_000);
    await notifier.deliver(noSignal);
    expect(chat.sent.map(({ kind, drill }) => `${kind} ${drill?.name}`)).toEqual([
      'problem stock',
      'problem orders',
      'resolved orders',
    ]);
  });

  it('is tried before those that already failed', async () => {
    const { consider, notifier, clock, chat } = setUp();
    const drills = ['a', 'b', 'c'];
    await consider(...drills.map((drill) => standing({ drill })));
    chat.plan.push(...drills.map(() => refuse(true)));
    await notifier.deliver(noSignal);
    clock.advance(30_000);
    await consider(standing({ drill: 'd' }));
    chat.plan.push(async () => undefined, ...drills.map(() => refuse(true)));
    await notifier.deliver(noSignal);
    expect(chat.sent.map(({ drill }) => drill?.name)).toEqual(['d']);
  });

  it('is not held back by a channel that hangs or is down', async () => {
    const stuck = fakeChannel('stuck');
    const { promise: forever, resolve } = Promise.withResolvers<void>();
    stuck.plan.push(() => forever);
    const down = fakeChannel('down');
    down.plan.push(...Array.from({ length: 10 }, () => refuse(true)));
    const { consider, notifier, chat, store } = setUp([fakeChannel('chat'), stuck, down]);
    await consider(...['a', 'b', 'c', 'd', 'e'].map((drill) => standing({ drill })));
    const delivering = notifier.deliver(noSignal);
    await expect.poll(() => chat.sent.length).toBe(5);
    await consider(standing({ drill: 'f' }));
    const again = notifier.deliver(noSignal); // while the other goes on
    await expect.poll(() => chat.sent.length).toBe(6);
    expect(stuck.sent).toEqual([]);
    resolve();
    await Promise.all([delivering, again]);
    expect(stuck.sent.map(({ drill }) => drill?.name)).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
    expect(down.plan).toHaveLength(6); // after three failures it was left alone, then tried once more later
    const waiting = await store.findDeliveries({ status: 'pending', limit: 100 });
    expect(waiting.map(({ channel }) => channel)).toEqual(Array.from({ length: 6 }, () => 'down'));
  });

  it('of a process that died is sent by another one once that is safe', async () => {
    const { store, consider, notifier, clock, chat } = setUp();
    await consider(standing());
    chat.plan.push(() => new Promise(() => undefined)); // as a killed process leaves it
    notifier.deliver(noSignal).catch(() => undefined);
    await expect.poll(() => chat.plan.length).toBe(0);
    const survivor = fakeChannel('chat');
    const other = notifierOf({ store, clock, channels: [survivor] });
    clock.advance(5 * 60_000 - 1);
    await other.deliver(noSignal);
    expect(survivor.sent).toEqual([]);
    clock.advance(1);
    await other.deliver(noSignal);
    expect(kinds(survivor)).toEqual(['problem']);
  });

  it('canceled by a shutdown is sent at the next start', async () => {
    const { store, consider, notifier, clock, chat } = setUp();
    const controller = new AbortController();
    chat.plan.push(async (signal) => {
      controller.abort(new Error('stopped'));
      signal.throwIfAborted();
    });
    await consider(standing(), standing({ drill: 'stock' }));
    expect(await notifier.deliver(controller.signal)).toEqual({ sent: 0, retried: 2, givenUp: 0, problems: [] });
    expect(chat.sent).toEqual([]);
    await notifierOf({ store, clock, channels: [chat] }).deliver(noSignal);
    expect(chat.sent).toHaveLength(2);
  });
});

describe('the digest', () => {
  const digest = { cron: '0 8 * * *', timezone: 'Europe/Berlin', to: undefined };
  const read = async () => ({ subjects: [subjectOf(standing())], runs: [passedRun()] });
  const at = (time: string) => new Date(`2026-11-22T${time}:00.000Z`); // Berlin is an hour ahead

  it('is sent once when due, whichever process is first, to channels that accept it', async () => {
    const pager = fakeChannel('pager', ({ kind }) => kind !== 'digest');
    const { store, notifier, clock, chat } = setUp([fakeChannel('chat'), pager], { digest });
    expect(await notifier.digest(read, new Date('2026-11-22T00:59:00Z'))).toBe(false);
    expect(await notifier.digest(read, at('06:59'))).toBe(false);
    expect(await notifier.digest(read, at('07:00'))).toBe(true);
    expect(await notifier.digest(read, at('07:01'))).toBe(false);
    const settings = { routes: undefined, reminders: 'daily', digest } as const;
    const restarted = notifierOf({ store, clock, channels: [chat], settings });
    expect(await restarted.digest(read, at('09:00'))).toBe(false);
    clock.advance(24 * HOUR_MS);
    await notifier.deliver(noSignal);
    expect(kinds(chat)).toEqual(['digest']);
    expect(pager.sent).toEqual([]);
  });

  it('missed in an outage is sent up to six hours late, and not after', async () => {
    const { notifier } = setUp(undefined, { digest });
    expect(await notifier.digest(read, at('13:01'))).toBe(false);
    expect(await setUp(undefined, { digest }).notifier.digest(read, at('12:59'))).toBe(true);
  });

  it('goes only to the channels in the settings, and reads nothing unless due', async () => {
    const [chat, mail] = [fakeChannel('chat'), fakeChannel('mail')];
    const { notifier, clock } = setUp([chat, mail], { digest: { ...digest, to: ['mail'] } });
    const never = () => Promise.reject(new Error('read'));
    await notifier.digest(never, at('06:00'));
    await notifier.digest(read, at('07:30'));
    clock.advance(24 * HOUR_MS);
    await notifier.deliver(noSignal);
    expect([kinds(chat), kinds(mail)]).toEqual([[], ['digest']]);
    expect(await setUp().notifier.digest(never, at('07:30'))).toBe(false);
  });
});
