import { expect, it } from 'vitest';
import { explainPrepared } from '../../../../src/engines/mysql/recovery/start-by-gtids.ts';

it('reports that transactions in a copy were being committed, and ignores other failures', () => {
  const line =
    'Found 3 prepared transactions! It means that mysqld was not shut down properly last time and critical recovery information (last binlog or tc.log file) was manually deleted after a crash.';
  expect(explainPrepared('hot/', ['other', line])).toMatchObject({
    code: 'log-start-unknown',
    message: expect.stringContaining('is unknown: 3 transactions were being committed'),
  });
  expect(explainPrepared('hot/', ['Data Dictionary initialization failed.'])).toBeUndefined();
});
