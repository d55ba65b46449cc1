import { cp, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { writeShopWithBinlog } from '../../demo/sample-binlog.ts';
import { makeDrillWorkspace } from '../support/cli-drill.ts';
import { hasHostMariadb } from '../support/host-mariadb.ts';

const DRILLS = fileURLToPath(new URL('../../drills', import.meta.url));

it.skipIf(!hasHostMariadb)(
  'the sample drill recovers a dropped database, which a recovery to the end of the log does not',
  async () => {
    await using workspace = await makeDrillWorkspace();
    await writeShopWithBinlog(join(workspace.directory, '.firedrill/demo/drop'), { image: undefined });
    await workspace.write('drills/shop-drop.yaml', await readFile(join(DRILLS, 'shop-drop.yaml'), 'utf8'));
    await cp(join(DRILLS, 'shop'), join(workspace.directory, 'drills/shop'), { recursive: true });
    await workspace.write('drills/runbooks/recover-mysql.md', '# Recover\n');
    const drill = (...more: readonly string[]) => workspace.firedrill(['run', 'drills/shop-drop.yaml', ...more]);

    const events = await workspace.firedrill(['events', 'drills/shop-drop.yaml', '--json']);
    expect(events.code).toBe(0);
    const [event] = events.stdout.split('\n').map((line) => line && JSON.parse(line));
    expect(event).toMatchObject({
      kind: 'drop-database',
      database: { name: 'shop' },
      othersLost: 1,
      to: 'before drop-database shop',
    });

    const latest = await drill('--to', 'latest');
    expect(latest.stdout).toMatch(
      /recovered to the end of the log archive \(binlog\.000002:\d+\): no database shop; it has none/,
    );
    expect(latest.code).toBe(1);

    const back = await drill();
    expect(back.stdout).toMatch(/recovered to just before DROP DATABASE of shop \(binlog\.000002:\d+\)/);
    expect(back.stdout).toMatch(/✔ customers .*: 5200 [\s\S]*✔ payments .*: 20200 /);
    expect(back.stdout).toContain('1 other transaction committed since, and is not in the copy');
    expect(back.code).toBe(0);

    const within = await drill(
      '--to',
      `position=${event.position.replace(/\d+$/, (at: string) => `${Number(at) + 1}`)}`,
    );
    expect(within.stdout).toMatch(/the position binlog\.000002:\d+ is within the transaction 0-1-\d+, from/);
    expect(within.code).toBe(1);
  },
);
