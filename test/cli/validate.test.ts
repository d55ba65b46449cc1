import { describe, expect, it } from 'vitest';
import { validateCommand } from '../../src/cli/validate.ts';
import { drillText, workspace } from '../config/loading.ts';
import { memoryIo } from './memory-io.ts';

describe('firedrill validate', () => {
  it('describes each drill on its own line', async () => {
    const cwd = await workspace({
      'drills/a.yaml': drillText({ name: 'name: a', objectives: 'objectives: { rto: 15m, rpo: 26h }' }),
      'drills/b.yaml': drillText({ name: 'name: b' }),
    });
    const io = memoryIo(cwd);
    expect(await validateCommand(io, { paths: ['drills'], cwd, env: {} })).toBe(0);
    expect(io.out()).toBe(
      'ok a (drills/a.yaml): 1 check, RTO 15 min, RPO 26 h\nok b (drills/b.yaml): 1 check, RTO 15 min, no RPO\n',
    );
    expect(io.err()).toBe('');
  });

  it('reports errors on stderr and exits with 64', async () => {
    const cwd = await workspace({
      'drills/a.yaml': drillText({ name: 'name: a' }),
      'drills/b.yaml': drillText({ tier: 'tier: x', ownr: 'ownr: y' }),
    });
    const io = memoryIo(cwd);
    expect(await validateCommand(io, { paths: ['drills'], cwd, env: {} })).toBe(64);
    expect(io.out()).toBe('ok a (drills/a.yaml): 1 check, RTO 15 min, no RPO\n');
    expect(io.err()).toBe(
      [
        'drills/b.yaml:6:1: tier: must be a whole number from 0 to 9, not "x"',
        'drills/b.yaml:7:1: "ownr" is not known here; did you mean "owner"? (allowed: name, description, owner, tier, labels, backup, budget, engine, sandbox, objectives, restore, recover, checks, baseline, runbook, heartbeat, prove, race, pool, schedule, timezone)',
        '2 problems in 1 file\n',
      ].join('\n'),
    );
  });

  it('accepts the samples of this repository', async () => {
    const io = memoryIo(process.cwd());
    expect(await validateCommand(io, { paths: ['drills'], cwd: process.cwd(), env: {} })).toBe(0);
    expect(io.out()).toBe(
      [
        'ok files (drills/files.yaml): 3 checks, RTO 1 min, no RPO\n',
        'ok firedrill-store (drills/firedrill-store.yaml): 5 checks, RTO 15 min, RPO 26 h\n',
        'ok orders-pitr (drills/orders-pitr.yaml): 3 checks, RTO 1 min, no RPO\n',
        'ok orders (drills/orders.yaml): 4 checks, RTO 15 min, RPO 26 h\n',
        'ok shop-clickhouse (drills/shop-clickhouse.yaml): 3 checks, RTO 5 min, no RPO\n',
        'ok shop-drop (drills/shop-drop.yaml): 3 checks, RTO 2 min, no RPO\n',
        'ok shop-etcd (drills/shop-etcd.yaml): 2 checks, RTO 2 min, no RPO\n',
        'ok shop-increments (drills/shop-increments.yaml): 4 checks, RTO 2 min, RPO 26 h\n',
        'ok shop-mariadb (drills/shop-mariadb.yaml): 7 checks, RTO 2 min, RPO 26 h\n',
        'ok shop-mysql (drills/shop-mysql.yaml): 7 checks, RTO 2 min, RPO 26 h\n',
        'ok shop-redis (drills/shop-redis.yaml): 3 checks, RTO 2 min, no RPO\n',
        'ok shop-sqlite (drills/shop-sqlite.yaml): 2 checks, RTO 2 min, no RPO\n',
        'ok shop (drills/shop.yaml): 7 checks, RTO 1 min, RPO 26 h\n',
      ].join(''),
    );
  });
});
