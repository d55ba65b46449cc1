import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { jitterOfMs } from '../../src/schedule/jitter.ts';

it.each(['2026-11-22T02:30:00.000Z', '2024-02-29T00:00:00.000Z'])(
  'the jitter of %s can be reproduced in a shell',
  (dueAt) => {
    const script = `echo $((16#$(printf 'orders ${dueAt}' | sha256sum | cut -c1-12) % 600))`;
    const seconds = Number(execFileSync('bash', ['-c', script], { encoding: 'utf8' }));
    expect(jitterOfMs('orders', Date.parse(dueAt), 600_000)).toBe(seconds * 1000);
  },
);
