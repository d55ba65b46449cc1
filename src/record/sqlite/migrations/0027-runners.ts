/** The processes that run the drills of a pool. */
export const migration0027 = `
create table runner (
  owner text primary key,
  pool text not null,
  started_at text not null,
  beat_at text not null,
  stopped_at text,
  firedrill_version text not null
) strict, without rowid;
`;
