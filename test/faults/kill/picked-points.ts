import type { PointList } from './kill-matrix.ts';

/**
 * The points that CI kills at. What a killed process leaves behind changes with each durable write to the store, file of the sandbox, and process in
 * it: each kind of such a change is here once, including half-written ones, and each stage that makes one. Points are omitted if they leave the same
 * as another: the moment before a call if the one after the previous call is here; all but one per kind of write among the statements of a
 * transaction, which SQLite rolls back as a whole; one of the two for what a trial sandbox and that of the run have in common; and the points of the
 * other chains in the test.
 */
export const PICKED: PointList = {
  fresh: ['start/sql create table discovery'],
  any: [
    'start/sql insert into run',
    'locate/sql insert into stage',
    'check/fs.writeFile box/owner.json.new:half',
    'check/spawn unshare',
    'check/fs.rm box:half',
    'provision/fs.mkdir box',
    'provision/fs.rename box/owner.json',
    'provision/spawn unshare',
    'provision/fs.rename box/owner.json#2',
    'provision/spawn nsenter',
    'provision/backup.provision:after',
    'restore/spawn pg_ctl',
    'verify/sql commit:before',
    'teardown/fs.rm box:half',
    'after teardown/sql delete from stage',
    'after teardown/store.finish:after',
  ],
  afterKill: ['start/sql update run', 'start/fs.rm box:half'],
};
