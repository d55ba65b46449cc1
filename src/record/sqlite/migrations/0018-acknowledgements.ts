/** Users' acknowledgements of problems: `kind` is `acknowledged` or `snoozed`; `until` and `ended_at` are instants, or null. */
export const migration0018 = `
create table acknowledgement (
  id integer primary key,
  drill text not null,
  kind text not null,
  fingerprint text,
  made_at text not null,
  made_by text not null,
  reason text not null,
  until text,
  ended_at text,
  ended_by text
) strict;
create index acknowledgement_drill on acknowledgement (drill, id);
`;
