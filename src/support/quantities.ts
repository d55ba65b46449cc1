/** Durations and sizes as people write them (`15m`, `2g`) and as they are shown (`4 min 12 s`, `1.6 GB`). */

const UNIT_MS: Record<string, number> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

/**
 * `90s`, `15m`, `1h30m`, `26h`, `7d`.
 * @returns whole milliseconds, or undefined when the text is not a duration, is zero or is beyond ten years.
 */
export function parseDurationMs(text: string): number | undefined {
  if (!/^(\d+(?:\.\d+)?(?:ms|[smhdw]))+$/.test(text)) return undefined;
  let totalMs = 0;
  for (const [, amount = '', unit = ''] of text.matchAll(/(\d+(?:\.\d+)?)(ms|[smhdw])/g)) {
    totalMs += Number(amount) * (UNIT_MS[unit] ?? Number.NaN);
  }
  const wholeMs = Math.round(totalMs);
  return wholeMs > 0 && wholeMs <= 3650 * 86_400_000 ? wholeMs : undefined;
}

/** `80%` or 0.8. @returns the ratio in 0 < ratio ≤ 1, or undefined. */
export function parseRatio(value: string | number): number | undefined {
  const percent = typeof value === 'string' ? /^(\d+(?:\.\d+)?)\s*%$/.exec(value.trim())?.[1] : undefined;
  const ratio = percent === undefined ? Number(value) : Number(percent) / 100;
  return ratio > 0 && ratio <= 1 && value !== '' ? ratio : undefined;
}

/** The target share of runs that meet their objectives; a target below one half would be meaningless. @returns 0.5 to 1, or undefined. */
export function parseTargetShare(value: string | number): number | undefined {
  const share = parseRatio(value);
  return share === undefined || share < 0.5 ? undefined : share;
}

/** Milliseconds in at most two units: `340 ms`, `4.2 s`, `4 min 12 s`, `26 h`, `3 d 4 h`. */
export function formatDuration(ms: number): string {
  if (ms < 0) return `-${formatDuration(-ms)}`;
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 3600) return twoUnits(seconds, 60, 'min', 's');
  const minutes = Math.round(seconds / 60);
  if (minutes < 48 * 60) return twoUnits(minutes, 60, 'h', 'min');
  return twoUnits(Math.round(minutes / 60), 24, 'd', 'h');
}

/** A clock-style time, for values that change while being read: `4:10`, `1:02:03`. Whole seconds, rounded down. */
export function formatClock(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const two = (value: number) => String(value).padStart(2, '0');
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}

/** An age in its largest unit, rounded down: `40 s`, `9 h`, `3 d`. Negative for the future: `-3 h`. */
export function formatAge(ms: number): string {
  if (ms < 0) return `-${formatAge(-ms)}`;
  const seconds = Math.floor(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 48 * 3600) return `${Math.floor(seconds / 3600)} h`;
  return `${Math.floor(seconds / 86_400)} d`;
}

function twoUnits(count: number, per: number, large: string, small: string): string {
  const rest = count % per;
  return rest === 0 ? `${Math.floor(count / per)} ${large}` : `${Math.floor(count / per)} ${large} ${rest} ${small}`;
}

const BINARY: Record<string, number> = {
  '': 1,
  b: 1,
  k: 2 ** 10,
  m: 2 ** 20,
  g: 2 ** 30,
  t: 2 ** 40,
};

/** `512m`, `2g`, `1.5g` in powers of 1024, as in container limits. @returns bytes, or undefined when it is not a size. */
export function parseSizeBytes(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)\s*([bkmgt]?)(?:i?b)?$/i.exec(text.trim());
  if (!match) return undefined;
  const bytes = Math.round(Number(match[1]) * (BINARY[(match[2] ?? '').toLowerCase()] ?? Number.NaN));
  return bytes > 0 && Number.isSafeInteger(bytes) ? bytes : undefined;
}

/** Bytes in powers of 1000 with three significant figures: `812 B`, `1.61 GB`. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit === 0 ? value : value.toPrecision(3)} ${units[unit]}`;
}

/** 16044 → `16,044`. Done by hand, because using a locale loads its tables and adds 40 ms to every start. */
export function formatCount(count: number): string {
  return String(count).replace(/\B(?=(?:\d{3})+$)/g, ',');
}
