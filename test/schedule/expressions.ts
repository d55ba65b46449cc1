import fc from 'fast-check';

/** Cron expressions of five or six fields that fire at least once in some years. */
export function cronExpressions(): fc.Arbitrary<string> {
  const every = fc.constant('*');
  const step = (sizes: readonly number[]) => fc.constantFrom(...sizes).map((size) => `*/${size}`);
  const numbers = (low: number, high: number) =>
    fc.uniqueArray(fc.integer({ min: low, max: high }), { minLength: 1, maxLength: 3 }).map((list) => list.join(','));
  const range = (low: number, high: number) =>
    fc
      .tuple(fc.integer({ min: low, max: high }), fc.integer({ min: low, max: high }))
      .map(([a, b]) => `${Math.min(a, b)}-${Math.max(a, b)}`);
  const second = fc.oneof(
    fc.constant(''),
    fc.constant(''),
    numbers(0, 59).map((text) => `${text} `),
  );
  const minute = fc.oneof(every, step([5, 15, 20]), numbers(0, 59), range(0, 59));
  const hour = fc.oneof(every, step([2, 6]), numbers(0, 23), range(0, 4), numbers(0, 4));
  const day = fc.oneof(
    every,
    every,
    numbers(1, 28),
    range(1, 31).map((text) => `1,${text}`),
  );
  const month = fc.oneof(every, every, every, fc.constantFrom('mar', 'oct,nov', '4-9'));
  const weekday = fc.oneof(every, every, fc.constantFrom('sun', 'mon-fri', '6,7', '2'));
  return fc.tuple(second, minute, hour, day, month, weekday).map(([first, ...rest]) => first + rest.join(' '));
}
