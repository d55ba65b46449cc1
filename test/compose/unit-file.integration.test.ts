import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const UNIT = new URL('../../ops/systemd/firedrill.service', import.meta.url);
const hasSystemd = spawnSync('systemd-analyze', ['--version']).status === 0;

describe.skipIf(!hasSystemd)('the systemd unit file', () => {
  it('passes systemd-analyze verify', async () => {
    expect(await verify((text) => text)).toBe('');
  });

  it('would be rejected for a key or a value that systemd does not know', async () => {
    expect(await verify((text) => text.replace('ProtectHome=', 'ProtctHome='))).toContain("Unknown key 'ProtctHome'");
    expect(await verify((text) => text.replace('ProtectHome=true', 'ProtectHome=maybe'))).toContain('Failed to parse');
  });
});

/** @returns the complaints of systemd; empty when there are none. It requires a program that exists, so one is substituted. */
async function verify(change: (text: string) => string): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'firedrill-unit-'));
  try {
    const path = join(directory, 'firedrill.service');
    const text = (await readFile(UNIT, 'utf8')).replace(/^ExecStart=\S+/m, `ExecStart=${process.execPath}`);
    await writeFile(path, change(text));
    return spawnSync('systemd-analyze', ['verify', '--man=no', path], { encoding: 'utf8' }).stderr;
  } finally {
    await rm(directory, { recursive: true });
  }
}
