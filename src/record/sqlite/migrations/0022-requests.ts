/** Requests to backup stores: hourly counts, and individual requests up to a daily limit. `ids` and `headers` are JSON. */
export const migration0022 = `
create table request_hour (
  hour_at text not null,
  endpoint text not null,
  operation text not null,
  answered integer not null,
  refused integer not null,
  failed integer not null,
  throttled integer not null,
  unanswered integer not null,
  cut integer not null,
  duration_ms integer not null,
  slowest_ms integer not null,
  primary key (hour_at, endpoint, operation)
) strict, without rowid;
create table request (
  id integer primary key,
  at text not null,
  endpoint text not null,
  operation text not null,
  key text,
  status integer,
  outcome text not null,
  is_error integer not null,
  attempt integer not null,
  duration_ms integer not null,
  ids text not null,
  headers text,
  said text,
  source text not null,
  drill text,
  run_id text
) strict;
create index request_at on request (is_error, at);
create index request_run on request (run_id, at) where run_id is not null and is_error = 1;
`;
