import type { PointList } from './kill-matrix.ts';

/**
 * The points that CI kills at. What a killed process leaves changes with a durable write to the store, a file of the sandbox, a process in it:
 * each such state is here once, half-written ones too. Left out are points that leave what another leaves: the moment before a call where the one
 * after the call before is here, and statements of a transaction that SQLite undoes as a whole but one per kind of write.
 */
export const PICKED: PointList = {
  fresh: ['start/sql create table drill', 'start/sql create table discovery'],
  any: [
    'start/store.open:after',
    'start/sql insert into run',
    'locate/source.read:bytes',
    'locate/sql insert into stage',
    'locate/store.addStage:after',
    'check/fs.mkdir box',
    'check/fs.writeFile box/owner.json.new:half',
    'check/fs.rename box/owner.json',
    'check/spawn unshare',
    'check/fs.rm box:half',
    'plan/store.addStage:after',
    'provision/fs.mkdir box',
    'provision/fs.writeFile box/owner.json.new:half',
    'provision/fs.rename box/owner.json',
    'provision/fs.mkdir box/data',
    'provision/spawn unshare',
    'provision/fs.rename box/owner.json#2',
    'provision/runtime.start:after',
    'provision/spawn nsenter',
    'provision/backup.provision:after',
    'restore/restoration.run:before',
    'restore/spawn pg_ctl',
    'restore/restoration.run:after',
    'verify/session.query:before',
    'verify/sql commit:before',
    'teardown/sandbox.dispose:before',
    'teardown/fs.rm box:half',
    'teardown/sandbox.dispose:after',
    'after teardown/sql delete from stage',
    'after teardown/sql commit:before#2',
    'after teardown/store.finish:after',
  ],
  afterKill: ['start/sql update run', 'start/fs.rm box:half'],
};
