import { CronTime } from 'cron';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readCron } from '../../src/schedule/cron-fields.ts';
import { nextWallMs } from '../../src/schedule/wall-clock.ts';
import { cronExpressions } from './expressions.ts';

describe('a cron expression', () => {
  it.each([
    ['@annually', '0 0 1 1 *'],
    ['@yearly', '0 0 0 1 1 *'],
    ['@monthly', '0 0 1 * *'],
    ['@weekly', '0 0 * * sun'],
    [' @Daily ', '0 0 * * *'],
    ['@midnight', '0 0 * * *'],
    ['@hourly', '0 * * * *'],
    ['@minutely', '* * * * *'],
    ['@secondly', '* * * * * *'],
    ['@weekdays', '0 0 * * MON-FRI'],
    ['@weekends', '0 0 * * sat,sun'],
    ['0 0 * * 7', '0 0 * * 0'],
    ['0 0 * Jan,feb *', '0 0 * 1-2 *'],
    ['10/20 * * * *', '10,30,50 * * * *'],
    ['  0   0 * * * ', '0 0 * * *'],
  ])('%s means the same as %s', (one, other) => {
    expect(readCron(one)).toEqual(readCron(other));
    expect(readCron(one)).toHaveProperty('fields');
  });

  it.each([
    ['0-58 * * * * *', 'seconds', 0, 58],
    ['0-59 * * * * *', 'seconds', 0, 59],
    ['0-58 * * * *', 'minutes', 0, 58],
    ['0-29,30-59 * * * *', 'minutes', 0, 59],
    ['0 0-22 * * *', 'hours', 0, 22],
    ['0 */1 * * *', 'hours', 0, 23],
    ['0 0 1-30 * *', 'daysOfMonth', 1, 30],
    ['0 0 * 1-11 *', 'months', 1, 11],
    ['0 0 * jan-dec *', 'months', 1, 12],
    ['0 0 * * 0-5', 'weekdays', 0, 5],
  ] as const)('%s distinguishes a full field from one that lacks its last value', (expression, field, low, high) => {
    const read = readCron(expression);
    if ('problem' in read) throw new Error(read.problem);
    expect([...(read.fields[field] ?? [])]).toEqual(
      Array.from({ length: high - low + 1 }, (_, offset) => low + offset),
    );
  });

  it.each(['0 0 1-31 * *', '0 0 */1 * *'])('%s matches any day of the month', (expression) => {
    expect(readCron(expression)).toMatchObject({ fields: { daysOfMonth: undefined } });
  });

  it.each(['0 0 * * 0-6', '0 0 * * 1-7', '0 0 * * 0-7'])('%s matches any day of the week', (expression) => {
    expect(readCron(expression)).toMatchObject({ fields: { weekdays: undefined } });
  });

  it.each([
    ['', 'it has 0 fields; it takes five (minute, hour, day of month, month, day of week), or six with a second first'],
    [
      '30 3',
      'it has 2 fields; it takes five (minute, hour, day of month, month, day of week), or six with a second first',
    ],
    ['60 * * * *', 'minute "60" is out of range, 0 to 59'],
    ['60 * * * * *', 'second "60" is out of range, 0 to 59'],
    ['* 24 * * *', 'hour "24" is out of range, 0 to 23'],
    ['* * 0 * *', 'day of month "0" is out of range, 1 to 31'],
    [
      '0 3 mon * *',
      'day of month "mon" has "mon", which is not valid there; names stand for months and days of the week only',
    ],
    [
      '0 3 * mon *',
      'month "mon" has "mon", which is not valid there; write jan, feb, mar, apr, may, jun, jul, aug, sep, oct, nov, dec',
    ],
    [
      '0 3 * * monday',
      'day of week "monday" has "monday", which is not valid there; write sun, mon, tue, wed, thu, fri, sat',
    ],
    ['*/90 * * * *', 'minute "*/90" has a step of 90, longer than the range (60): it would start over each time'],
    ['*/0 * * * *', 'minute "*/0" has a step of 0'],
    ['0 22-2 * * *', 'hour "22-2" has a range that runs backwards; write it as two, with a comma'],
    [
      '0 0 ? * *',
      'day of month "?" is not understood; write *, a number from 1 to 31, a range such as 2-5, a step such as */2, or several with commas',
    ],
    ['0 0 31 feb,apr *', 'it never fires: no selected month has that day'],
    ['@reboot', '@reboot is not supported'],
    [
      '@nightly',
      'it is none of @yearly, @annually, @monthly, @weekly, @daily, @midnight, @hourly, @minutely, @secondly, @weekdays, @weekends',
    ],
  ])('%j is refused with an explanation', (expression, problem) => {
    expect(readCron(expression)).toEqual({ problem });
  });

  it('can fire in leap years only, even around a century that is not one', () => {
    const read = readCron('0 0 29 2 *');
    if ('problem' in read) throw new Error(read.problem);
    expect(new Date(nextWallMs(read.fields, Date.UTC(2096, 1, 29))).toISOString()).toBe('2104-02-29T00:00:00.000Z');
  });

  it('agrees with the cron package in a zone without clock changes', () => {
    fc.assert(
      fc.property(
        cronExpressions(),
        fc.integer({ min: Date.UTC(2020, 0), max: Date.UTC(2025, 0) }),
        (text, afterMs) => {
          const read = readCron(text);
          if ('problem' in read) throw new Error(read.problem);
          const expected = new CronTime(text, 'UTC').getNextDateFrom(new Date(afterMs), 'UTC').toMillis();
          expect(nextWallMs(read.fields, afterMs)).toBe(expected);
        },
      ),
      { numRuns: 150 },
    );
  });
});
