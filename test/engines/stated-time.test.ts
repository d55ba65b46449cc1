import { describe, expect, test } from 'vitest';
import { readMydumperMetadata } from '../../src/engines/mysql/formats/mydumper/mydumper-metadata.ts';
import { laterStated, statedTime, statedTimeIn } from '../../src/engines/stated-time.ts';

const latest = (text: string): string | undefined => statedTimeIn(text)?.atLatest.toISOString();

describe('the time at which a dump says it was made', () => {
  test.each([
    ['-- Dump completed on 2026-11-20  9:46:17', '2026-11-20T21:46:17.000Z'],
    ['-- Dump completed on: Fri, 20 Nov 2026 09:46:17 +0000', '2026-11-20T21:46:17.000Z'],
    ['-- Dump end time: Fri Nov 20 09:46:17 2026', '2026-11-20T21:46:17.000Z'],
    ['-- Generation Time: 2026-11-20 09:46:17.5180', '2026-11-20T21:46:17.000Z'],
    ['# Generation Time: 2026-11-20 09:46:17 +0000', '2026-11-20T21:46:17.000Z'],
    ['-- Generation Time: Nov 20, 2026 at 09:46 PM', '2026-11-21T09:46:00.000Z'],
  ])('is read from %s, as the latest instant in any time zone', (line, expected) => {
    expect(latest(line)).toBe(expected);
  });

  test.each([
    '-- Dump completed',
    '-- Host: 2026-11-20 09:46:17',
    '-- Dump completed on 2026-13-40  9:46:17',
    '-- Dump completed on 1970-01-01  0:00:00',
    '-- Generation Time: soon',
    '-- imported on 2019-01-01 00:00:00',
    '-- 2019-01-01 00:00:00',
  ])('is not read from %s', (line) => {
    expect(statedTimeIn(line)).toBeUndefined();
  });

  test('is read from a bare date only if the tool writes one', () => {
    expect(statedTimeIn('-- 2026-11-20 09:46:17 UTC', true)?.text).toBe('20 Nov 2026, 09:46:17 (its own clock)');
  });

  test('is the latest one in a file', () => {
    const [early, late] = [statedTime('2026-11-19 03:00:00'), statedTime('2026-11-20 03:00:00')];
    expect([laterStated(early, late), laterStated(late, early), laterStated(undefined, late)]).toEqual([
      late,
      late,
      late,
    ]);
  });

  test.each(['Started dump at: 2026-11-20 03:00:00\n', '# Started dump at: 2026-11-20 03:00:00\n[config]\n'])(
    'is the start of a mydumper dump: %j',
    (text) => {
      const { stated } = readMydumperMetadata(`${text}# Finished dump at: 2026-11-20 05:00:00\n`);
      expect(stated?.atLatest.toISOString()).toBe('2026-11-20T15:00:00.000Z');
    },
  );
});
