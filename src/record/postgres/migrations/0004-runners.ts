/** The processes that run the drills of a pool. The jobs are in the queue's schema. */
export const runners = `
create table runner (
  owner text primary key,
  pool text not null,
  started_at text not null,
  beat_at text not null,
  stopped_at text,
  firedrill_version text not null
);
`.replaceAll(/\btext\b/g, 'text collate "C"');
