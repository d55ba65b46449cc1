import { expect, it } from 'vitest';
import { StagePhases } from '../../src/run/stage-phases.ts';

function phasesOn(clock: { nowMs: number }) {
  return new StagePhases({ now: () => new Date(clock.nowMs), monotonicMs: () => clock.nowMs }, (ms) => new Date(ms));
}

it('phases follow each other, and repeated visits to one step add up', () => {
  const clock = { nowMs: 0.4 };
  const phases = phasesOn(clock);
  for (const [name, ms] of [
    ['load', 10],
    ['load', 10],
    ['index', 5],
    ['load', 7],
    ['seal', 3],
  ] as const) {
    phases.enter(name);
    clock.nowMs += ms;
  }
  expect(phases.end()).toEqual([
    { name: 'load', startedAt: new Date(0), durationMs: 27 },
    { name: 'index', startedAt: new Date(20), durationMs: 5 },
    { name: 'seal', startedAt: new Date(32), durationMs: 3 },
  ]);
});

it('phases count overlapping time of steps with one name once, along with the bytes they processed', async () => {
  const clock = { nowMs: 0 };
  const phases = phasesOn(clock);
  const work = Promise.withResolvers<void>();
  const beside = phases.beside('fetch', work.promise);
  phases.enter('fetch');
  clock.nowMs = 8;
  phases.count('fetch', 100);
  phases.enter('replay');
  phases.count('fetch', 50);
  clock.nowMs = 12;
  work.resolve();
  await beside;
  clock.nowMs = 20;
  expect(phases.end()).toEqual([
    { name: 'fetch', startedAt: new Date(0), durationMs: 12, bytes: 150 },
    { name: 'replay', startedAt: new Date(8), durationMs: 12 },
  ]);
  phases.count('replay', 7);
  expect(phases.end()).toHaveLength(2);
});

it('phases omit a step that took no time', () => {
  const phases = phasesOn({ nowMs: 0 });
  phases.enter('fetch');
  phases.enter('load');
  expect(phases.end()).toEqual([]);
});

it('phases report nothing after their stage has ended', async () => {
  const clock = { nowMs: 0 };
  const phases = phasesOn(clock);
  const work = Promise.withResolvers<void>();
  const beside = phases.beside('fetch', work.promise);
  clock.nowMs = 8;
  expect(phases.end()).toEqual([{ name: 'fetch', startedAt: new Date(0), durationMs: 8 }]);
  clock.nowMs = 20;
  phases.enter('load');
  work.resolve();
  await beside;
  expect(phases.end()).toEqual([{ name: 'fetch', startedAt: new Date(0), durationMs: 8 }]);
});
