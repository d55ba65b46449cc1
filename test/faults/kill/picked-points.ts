import type { PointList } from './kill-matrix.ts';

/**
 * The points that CI kills at. What a killed process leaves changes with a durable write to the store, a file of the sandbox, a process in it: each
 * kind of such a change is here once, half-written ones too, and each stage that makes one. Left out are points that leave what another leaves: the
 * moment before a call where the one after the call before is here, and statements of a transaction that SQLite undoes as a whole but one per kind of
 * write; of what a trial sandbox and the run's have in common, one of the two; and what the other chains of the test kill at.
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
