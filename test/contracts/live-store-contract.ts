import { describe, expect, test } from 'vitest';
import type { LiveSnapshot } from '../../src/record/live-store.ts';
import type { Store } from '../../src/record/store.ts';
import { NOON, passedRun, runningRun } from '../support/run-records.ts';

/** How processes follow and control each other's runs. @param open a new, empty store; called once for each test. */
export function describeLiveContract(name: string, open: () => Promise<Store>): void {
  const later = (seconds: number) => new Date(NOON.getTime() + seconds * 1000);
  const shown = (changes: Partial<LiveSnapshot> = {}): LiveSnapshot => ({
    runId: 'r',
    savedAt: NOON,
    keptUntil: undefined,
    view: { stage: 'restore', at: NOON, lines: ['ä "\\', null] },
    ...changes,
  });
  const cancel = { kind: 'cancel', runId: 'r', by: 'alice (web)', at: NOON } as const;
  const keep = { kind: 'keep', runId: 'r', by: 'bob (API)', at: NOON, keepMs: 600_000 } as const;
  async function withRun(work: (store: Store) => Promise<void>): Promise<void> {
    await using store = await open();
    await store.claim(runningRun({ id: 'r', leaseOwner: 'a/boot/1/1' }));
    await work(store);
  }

  describe(`${name} shows runs in progress to other processes`, () => {
    test('as last saved, with the process that runs them', () =>
      withRun(async (store) => {
        await store.claim(runningRun({ id: 'q', drill: 'shop', leaseOwner: 'b/boot/1/1' }));
        await store.saveLive([shown(), shown({ runId: 'q' })]);
        await store.saveLive([shown({ savedAt: later(2), view: { stage: 'verify' } })]);
        expect(await store.findLive(NOON)).toStrictEqual([
          {
            ...shown({ runId: 'q' }),
            view: { stage: 'restore', at: NOON.toISOString(), lines: ['ä "\\', null] },
            owner: 'b/boot/1/1',
          },
          { ...shown({ savedAt: later(2), view: { stage: 'verify' } }), owner: 'a/boot/1/1' },
        ]);
      }));

    test('until they end or are marked interrupted; a later snapshot is ignored', () =>
      withRun(async (store) => {
        await store.claim(runningRun({ id: 'q', drill: 'shop' }));
        await store.saveLive([shown(), shown({ runId: 'q' })]);
        await store.commandRun(cancel);
        await store.finish(passedRun({ id: 'r' }));
        await store.interruptAbandoned(NOON, () => 'gone');
        expect(await store.findLive(NOON)).toEqual([]);
        expect(await store.findCommands(['r', 'q'])).toEqual([]);
        await store.saveLive([shown(), shown({ runId: 'q' })]);
        expect(await store.findLive(NOON)).toEqual([]);
      }));

    test('after that while the sandbox is kept, until it is removed or expires', () =>
      withRun(async (store) => {
        await store.finish(passedRun({ id: 'r' }));
        await store.saveLive([shown({ keptUntil: later(60) })]);
        expect(await store.findLive(later(59))).toMatchObject([{ runId: 'r', keptUntil: later(60) }]);
        expect(await store.findLive(later(60))).toEqual([]);
        expect(await store.commandRun({ ...cancel, at: later(59) })).toBe('accepted');
        await store.endLive(['r']);
        expect(await store.findLive(NOON)).toEqual([]);
        expect(await store.findCommands(['r'])).toEqual([]);
        await store.saveLive([shown({ keptUntil: later(60) })]);
        expect(await store.prune(later(61))).toBe(1);
        expect(await store.findLive(NOON)).toEqual([]);
      }));
  });

  describe(`${name} passes commands to the process that has a run`, () => {
    test('each kind once, the last one of it', () =>
      withRun(async (store) => {
        await store.saveLive([shown()]);
        for (const command of [cancel, { ...keep, keepMs: 1 }, keep])
          expect(await store.commandRun(command)).toBe('accepted');
        expect(await store.findCommands(['r', 'q'])).toStrictEqual([cancel, keep]);
        expect(await store.findCommands(['q'])).toEqual([]);
        expect(await store.findCommands([])).toEqual([]);
      }));

    test('but not to a run that has ended, is unknown, or is not shown by its process', () =>
      withRun(async (store) => {
        expect(await store.commandRun(cancel)).toBe('unfollowed');
        expect(await store.commandRun({ ...cancel, runId: 'x' })).toBe('ended');
        await store.finish(passedRun({ id: 'r' }));
        expect(await store.commandRun(cancel)).toBe('ended');
        await store.saveLive([shown({ keptUntil: later(60) })]);
        expect(await store.commandRun(keep)).toBe('ended');
        expect(await store.commandRun({ ...cancel, at: later(60) })).toBe('ended');
        expect(await store.findCommands(['r'])).toEqual([]);
      }));
  });
}
