/** Maintenance windows: `match` is a `SilenceMatch` as JSON, `pauses_runs` 0 or 1; `ended_at` is an instant, or null. */
export const migration0020 = `
create table silence (
  id text primary key,
  match text not null,
  starts_at text not null,
  ends_at text not null,
  reason text not null,
  pauses_runs integer not null,
  made_at text not null,
  made_by text not null,
  ended_at text,
  ended_by text
) strict;
create index silence_end on silence (ends_at);
`;
