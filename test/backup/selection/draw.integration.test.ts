import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { drawIndex } from '../../../src/backup/selection/draw.ts';

it.each(['20261121-060000-k3f9qz', 'orders 2026-11-22T02:30:00.000Z', 'ü'])(
  'the random choice of %s can be reproduced in a shell',
  (seed) => {
    const script = `echo $((16#$(printf '${seed}' | sha256sum | cut -c1-12) % 30))`;
    expect(drawIndex(seed, 30)).toBe(Number(execFileSync('bash', ['-c', script], { encoding: 'utf8' })));
  },
);
