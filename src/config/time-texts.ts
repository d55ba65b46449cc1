import { nearest } from './nearest.ts';

const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

/**
 * Days of the week: `mon-fri`, `fri-mon` over the weekend, `sat,sun`, or a list of these.
 * @returns numbers from 0 (Sunday) to 6, sorted, without duplicates; or the problem.
 */
export function parseDays(
  value: string | readonly string[],
): { readonly days: readonly number[] } | { readonly problem: string } {
  const parts = [value].flat().flatMap((text) => text.split(','));
  const days = new Set<number>();
  for (const part of parts) {
    const words = part
      .trim()
      .toLowerCase()
      .split(/\s*-\s*/);
    const unknown = words.find((word) => !DAYS.includes(word));
    if (unknown !== undefined || words.length > 2) return { problem: explainDay(unknown ?? part) };
    const [first = 0, last = first] = words.map((word) => DAYS.indexOf(word));
    for (let day = first; ; day = (day + 1) % 7) {
      days.add(day);
      if (day === last) break;
    }
  }
  return days.size > 0
    ? { days: [...days].sort((a, b) => a - b) }
    : { problem: 'is empty; write days such as mon-fri' };
}

function explainDay(word: string): string {
  const near = nearest(word, DAYS);
  const advice = near === undefined ? '' : `; did you mean "${near}"?`;
  return `${JSON.stringify(word)} is not a day of the week${advice} (allowed: ${DAYS.join(', ')}, and ranges such as mon-fri)`;
}

/** `08:00`, `8:00`, up to `24:00`. @returns minutes since midnight, or undefined. */
export function parseMinute(text: string): number | undefined {
  const [, hour, minute] = /^(\d{1,2}):(\d\d)$/.exec(text) ?? [];
  const total = Number(hour) * 60 + Number(minute);
  return Number(minute) < 60 && total <= 1440 ? total : undefined;
}
