/** The data that later runs are compared with: long texts, stored once each, and the runs that a user has accepted. */
export const migration0011 = `
create table snapshot (
  sha256 text primary key,
  body blob not null
) strict, without rowid;
create trigger snapshot_update before update on snapshot
begin select raise(abort, 'a snapshot is never rewritten'); end;

create table acceptance (
  run_id text primary key references run (id),
  accepted_at text not null,
  accepted_by text not null,
  reason text not null
) strict, without rowid;
create trigger acceptance_update before update on acceptance
begin select raise(abort, 'an acceptance is never rewritten'); end;
create trigger acceptance_delete before delete on acceptance
begin select raise(abort, 'an acceptance is never deleted'); end;
`;
