/** The results of the last search for backups without a drill, and the progress of interrupted searches of a source. */
export const migration0014 = `
create table discovery (
  id integer primary key check (id = 1),
  ended_at text not null,
  json text not null
) strict;
create table discovery_progress (
  place text primary key,
  saved_at text not null,
  body blob not null
) strict;
`;
