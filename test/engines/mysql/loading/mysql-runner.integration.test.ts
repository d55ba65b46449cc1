import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MysqlRunner } from '../../../../src/engines/mysql/loading/mysql-runner.ts';
import { LoadErrors } from '../../../../src/engines/sql-dump/load-errors.ts';
import type { Sandbox } from '../../../../src/sandbox/sandbox.ts';
import { bytesContent } from '../../../support/fake-content.ts';
import { hasHostMariadb } from '../../../support/host-mariadb.ts';
import { never, type Restored, restoreInto, startSandbox } from '../restoring.ts';

const target = { runtime: 'local', server: 'mariadb:10.11' } as const;
const DUMP = `-- MariaDB dump 10.19  Distrib 10.11.18-MariaDB, for debian-linux-gnu (x86_64)
-- Host: localhost    Database: shop
-- Server version\t10.11.18-MariaDB
CREATE TABLE t (id INT PRIMARY KEY) ENGINE=InnoDB;
CREATE TABLE other (id INT PRIMARY KEY) ENGINE=InnoDB;
-- Dump completed on 2026-11-20  3:00:00
`;

describe.skipIf(!hasHostMariadb)('MysqlRunner on the host’s own MariaDB', () => {
  let sandbox: Sandbox;
  beforeEach(async () => {
    sandbox = await startSandbox(target);
  });
  afterEach(() => sandbox.dispose());

  it('runs a statement again that the server rolled back to end a deadlock', async () => {
    await using restored = await restoreInto(sandbox, target, bytesContent(Buffer.from(DUMP), 'shop.sql'));
    const { server } = restored;
    const [rival, client] = [await server.openSession('shop', never), await server.openSession('shop', never)];
    try {
      const errors = new LoadErrors([]);
      const runner = new MysqlRunner({ server, signal: never, errors });
      // the server ends the transaction that has changed fewer rows
      await rival.execute('START TRANSACTION');
      await rival.execute('INSERT INTO other SELECT seq FROM seq_1_to_100');
      await rival.execute('INSERT INTO t VALUES (2)');

      const statement = { bytes: Buffer.from('INSERT INTO t VALUES (1), (2)'), line: 1 };
      const attempt = runner.attempt({ client, settingsApplied: 0 }, statement);
      await untilWaiting(restored);
      await rival.execute('INSERT INTO t VALUES (1)');
      await rival.execute('ROLLBACK');

      expect(await attempt).toBe(true);
      expect(errors.reported).toBe(0);
      expect(await restored.ask('SELECT id FROM shop.t ORDER BY id')).toEqual(['1', '2']);
      expect(await deadlocksOn(restored)).toBe(1);
    } finally {
      await Promise.all([rival.close(), client.close()]);
    }
  });
});

async function untilWaiting({ ask }: Restored): Promise<void> {
  const waiting = "SELECT COUNT(*) FROM information_schema.INNODB_TRX WHERE trx_state = 'LOCK WAIT'";
  while ((await ask(waiting))[0] === '0');
}

async function deadlocksOn({ ask }: Restored): Promise<number> {
  const [line = ''] = await ask("SHOW GLOBAL STATUS LIKE 'Innodb_deadlocks'");
  return Number(line.split('\t')[1]);
}
