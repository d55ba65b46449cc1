import { expect, it } from 'vitest';
import { finishText } from '../../src/cli/progress-bar.ts';
import { StatusArea } from '../../src/cli/status-area.ts';
import { describeWork } from '../../src/cli/work-reporter.ts';

const plain = (_format: unknown, text: string) => text;

function areaOf(columns: number) {
  const texts: string[] = [];
  return { area: new StatusArea({ write: (text: string) => texts.push(text), columns }, plain), texts };
}

it('an area is drawn in place, below the permanent lines, and only when it changes', () => {
  const { area, texts } = areaOf(80);
  area.draw([{ text: 'one' }, { text: 'two' }]);
  area.draw([{ text: 'one' }, { text: 'two' }]);
  area.print(['stays']);
  area.clear();
  expect(texts).toEqual(['one\ntwo\n', '\u001b[2A\u001b[0Jstays\none\ntwo\n', '\u001b[2A\u001b[0J']);
});

it('a line is cut to the width, since a wrapped one could not be drawn in place', () => {
  const { area, texts } = areaOf(24);
  area.draw([{ text: 'x'.repeat(40) }]);
  expect(texts[0]).toBe(`${'x'.repeat(22)}…\n`);
});

it.each([
  [20, `${'x'.repeat(18)}…\n`],
  [2, '…\n'],
  [1, undefined],
  [0, `${'x'.repeat(78)}…\n`], // unknown
])('a line does not wrap in a terminal of %d columns', (columns, drawn) => {
  const { area, texts } = areaOf(columns);
  area.draw([{ text: 'x'.repeat(90) }]);
  expect(texts[0]).toBe(drawn);
});

it('permanent lines cannot control the terminal', () => {
  const { area, texts } = areaOf(80);
  area.print(['drill\u001b[2J']);
  expect(texts[0]).toBe('drill\\u001b[2J\n');
});

const PREDICTION = {
  elapsedMs: 250_000,
  rtoMs: 900_000,
  finish: { likelyMs: 570_000, lowMs: 530_000, highMs: 640_000 },
  why: 'from 5 earlier runs',
};

it.each([
  [80, '████████▒▒▒▒▒▒▒▒▒▒▒░░░░░░░░░░│ 4:10 of 15:00, likely 9:30 (8:50–10:40)'],
  [60, '█████▒▒▒▒▒▒░░░░░░│ 4:10 of 15:00, likely 9:30 (8:50–10:40)'],
  [44, '4:10 of 15:00, likely 9:30 (8:50–10:40)'],
])('the bar of a run takes the part of %d columns that its text leaves', (width, text) => {
  expect(finishText(PREDICTION, width)).toBe(text);
});

it('the RTO mark is within the bar when the run takes longer', () => {
  const late = {
    ...PREDICTION,
    elapsedMs: 1_000_000,
    finish: { likelyMs: 1_800_000, lowMs: 1_700_000, highMs: 1_900_000 },
  };
  expect(finishText(late, 100)).toBe('███████████████│█▒▒▒▒▒▒▒▒▒▒▒▒▒ 16:40 of 15:00, likely 30:00 (28:20–31:40)');
});

it('work shows its share, the elapsed time, and the time left once that can be estimated', () => {
  expect(describeWork('planning orders', undefined, 12_000)).toBe('planning orders, 0:12');
  expect(describeWork('planning orders', 0.25, 12_000)).toBe(
    '█████░░░░░░░░░░░░░░░ planning orders, 0:12, about 0:36 left',
  );
  expect(describeWork('planning orders', 0.01, 12_000)).toBe('░░░░░░░░░░░░░░░░░░░░ planning orders, 0:12');
});
