import { findDates } from '../selection/dates-in-name.ts';

const DATE = '\0';

/** @returns the glob of the series that a name belongs to: `orders-2026-11-20T0315Z.dump` → `orders-*.dump`. Digits after a letter (`db2`) stay. */
export function seriesMatch(name: string): string {
  let text = name.replaceAll(DATE, '?').replace(/\/$/, '');
  for (const { start, end } of findDates(text).toReversed()) {
    const folders = text.slice(start, end).split('/').length;
    text = text.slice(0, start) + Array(folders).fill(DATE).join('/') + text.slice(end);
  }
  return text
    .replaceAll(/\0(?:[Tt]?[\d:_.@ hms-]*\d[hms]?(?:Z(?![A-Za-z]))?)/g, DATE)
    .replaceAll(/(?<![A-Za-z\d])\d+(?![A-Za-z])/g, DATE)
    .replaceAll(/[\\*?[\](){}!+@|]/g, '\\$&')
    .replaceAll(/[\r\n]/g, '?') // a drill file has a glob in one line
    .replaceAll(/\0+/g, '*');
}
