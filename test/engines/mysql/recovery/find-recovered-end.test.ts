import { describe, expect, it } from 'vitest';
import { findRecoveredEnd, holdsGtid } from '../../../../src/engines/mysql/recovery/find-recovered-end.ts';
import { RecoveryLog } from '../../../../src/engines/mysql/recovery/recovery-log.ts';
import { LogBuilder } from '../log/log-builder.ts';

const never = new AbortController().signal;
const logOf = () => new LogBuilder({ version: '11.8.9-MariaDB-log', formatFlags: 1 });
const XA_PREPARE = 38;

/** Three commits, and the offset at which each ends. */
function threeCommits(log = logOf()): { bytes: Buffer; ends: readonly number[] } {
  const ends = [1, 2, 3].map((number) => log.gtid(number).query(`INSERT INTO t VALUES (${number})`).commit().position);
  return { bytes: log.bytes, ends };
}

async function foundIn(
  files: Readonly<Record<string, Buffer>>,
  [file, offset]: readonly [string, number | undefined],
  prepared: number,
): Promise<string> {
  const position = offset === undefined ? undefined : { position: { file, offset }, gtid: undefined };
  const logs = {
    names: Object.keys(files),
    open: async function* (name: string, bytes?: number) {
      yield files[name]?.subarray(0, bytes) ?? Buffer.alloc(0);
    },
  };
  return findRecoveredEnd({ key: 'nightly.tar', position, prepared, logs }, never).then(
    ({ start, last }) => `${start.position?.file}:${start.position?.offset} ${last?.gtid ?? 'none'}`,
    (error: { code: string; message: string }) => `${error.code}: ${error.message}`,
  );
}

describe('the position of a copy in the log after crash recovery', () => {
  it('is the end of the last complete transaction if as many were prepared as follow the storage engine’s position', async () => {
    const { bytes, ends } = threeCommits();
    expect(await foundIn({ 'bin.000001': bytes }, ['bin.000001', ends[0]], 2)).toBe(`bin.000001:${ends[2]} 0-7-3`);
    // a prepared transaction that is not in the log was rolled back
    expect(await foundIn({ 'bin.000001': bytes }, ['bin.000001', ends[1]], 2)).toBe(`bin.000001:${ends[2]} 0-7-3`);
  });

  it('is the storage engine’s own position if nothing was prepared', async () => {
    const { bytes, ends } = threeCommits();
    expect(await foundIn({ 'bin.000001': bytes }, ['bin.000001', ends[2]], 0)).toBe(`bin.000001:${ends[2]} none`);
    expect(await foundIn({ 'bin.000001': bytes }, ['bin.000001', ends[1]], 0)).toBe(`bin.000001:${ends[1]} none`);
  });

  it('ignores a transaction that is only partly in the log', async () => {
    const log = logOf();
    const { ends } = threeCommits(log);
    log.gtid(4).query('INSERT INTO t VALUES (4)');
    expect(await foundIn({ 'bin.000001': log.bytes }, ['bin.000001', ends[1]], 2)).toBe(`bin.000001:${ends[2]} 0-7-3`);
    const cut = log.commit().bytes.subarray(0, -3);
    expect(await foundIn({ 'bin.000001': cut }, ['bin.000001', ends[1]], 2)).toBe(`bin.000001:${ends[2]} 0-7-3`);
  });

  it('accounts for statements that define tables, and for logs before the newest', async () => {
    const { bytes, ends } = threeCommits();
    const next = logOf();
    next.gtid(4, { flags: 1 }).query('CREATE TABLE u (id INT)');
    const files = { 'bin.000001': bytes, 'bin.000002': next.bytes };
    expect(await foundIn(files, ['bin.000001', ends[1]], 1)).toBe(`bin.000002:${next.position} 0-7-4`);
    expect(await foundIn(files, ['bin.000001', ends[2]], 0)).toBe(`bin.000002:${next.position} 0-7-4`);
  });

  it('is not guessed', async () => {
    const { bytes, ends } = threeCommits();
    expect(await foundIn({ 'bin.000001': bytes }, ['bin.000001', ends[0]], 1)).toMatch(
      /^log-start-unknown: nightly\.tar was copied while its server was running, .* holds 2 commits .* had 1 of them prepared$/,
    );
    expect(await foundIn({ 'bin.000002': bytes }, ['bin.000001', ends[0]], 2)).toMatch(
      /^log-start-unknown: .* lacks bin\.000001/,
    );
    const log = logOf();
    threeCommits(log);
    const from = log.position;
    log.gtid(4).query("XA START X'61'").query('INSERT INTO t VALUES (4)').query("XA END X'61'");
    log.event(XA_PREPARE, Buffer.concat([Buffer.from([0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0]), Buffer.from('a')]));
    expect(await foundIn({ 'bin.000001': log.bytes }, ['bin.000001', from], 1)).toMatch(/XA transactions/);
    expect(await foundIn({ 'bin.000001': bytes }, ['bin.000001', undefined], 1)).toMatch(
      /^log-start-unknown: .* does not say where it was/,
    );
    const damaged = Buffer.from(bytes);
    damaged.writeUInt8(1, bytes.length - 12);
    expect(await foundIn({ 'bin.000001': damaged }, ['bin.000001', ends[1]], 1)).toMatch(/^log-damaged: /);
  });

  it('is read from the server’s log, together with the number of prepared transactions', () => {
    const log = new RecoveryLog();
    for (const line of [
      "2026-11-28 23:11:42 0 [Note] InnoDB: Last binlog file '/var/lib/mysql/binlog.000001', position 4827634",
      '2026-11-28 23:11:42 0 [Note] InnoDB: 130 transactions in prepared state after recovery',
      '2026-11-28 23:11:42 0 [Note] Found 128 prepared transaction(s) in InnoDB',
      '2026-11-28 23:11:42 0 [Note] Found 2 prepared transaction(s) in InnoDB',
    ])
      log.readLine(line);
    expect(log.prepared).toBe(130);
    expect(log.logStart?.position).toEqual({ file: 'binlog.000001', offset: 4_827_634 });
  });

  it.each([
    ['0-7-3', true],
    ['1-1-9,0-7-12', true],
    ['0-7-2', false],
    ['0-8-3', false],
    ['', false],
  ])('is compared with the server’s own GTIDs: %s', (state, expected) => {
    expect(holdsGtid(state, '0-7-3')).toBe(expected);
  });
});
