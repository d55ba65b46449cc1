/** The names at the time of this migration, which must not change when the names in the code do. */
const STAGES = ['locate', 'provision', 'restore', 'verify', 'teardown', 'plan', 'image-pull'];
const REASONS = ['missing-backup', 'stale-backup', 'unrestorable', 'wrong-data', 'too-slow', 'unprotected'];

/** Raised by triggers that refuse to rewrite history; SQLSTATE classes of F plus a digit above 0 are unassigned. */
const REFUSED = 'FD001';

const ENDED_RUN = 'a run that has ended is never rewritten';
const FACT = 'a fact of a run that has ended is never';

/** Triggers that reject changes, and that derive the facts when a run ends, so that facts and runs agree regardless of who ends it. */
export const triggers = `
create function refuse() returns trigger language plpgsql set search_path from current as $$
begin
  raise exception '%', tg_argv[0] using errcode = '${REFUSED}';
end $$;

create function refuse_ended() returns trigger language plpgsql set search_path from current as $$
declare
  part_of text := case when tg_op = 'INSERT' then new.run_id else old.run_id end;
begin
  if (select status from run where id = part_of) <> 'running' then
    raise exception '${ENDED_RUN}' using errcode = '${REFUSED}';
  end if;
  return case when tg_op = 'DELETE' then old else new end;
end $$;

${['reason', 'stage', 'check_result', 'phase'].map(freezePart).join('\n')}
${refuse('run', 'update', ENDED_RUN, "old.status <> 'running'")}
${refuse('run', 'delete', 'a run is never deleted')}
${refuse('log_line', 'update', 'a log line is never rewritten')}
${refuse('log_line', 'delete', 'a log line is never deleted')}
${refuse('skip', 'update', 'a skipped run is never rewritten')}
${refuse('delivery', 'update', 'a message that has ended is never sent again', "old.status <> 'pending'")}
${refuse('access_token', 'update', 'a token that was revoked is never in force again', 'old.revoked_at is not null')}
${refuse(
  'drill_schedule',
  'update',
  'a schedule that applied is never rewritten',
  `old.known_until is not null or (new.since, new.drill, new.cron, new.timezone, new.on_new_backup)
    is distinct from (old.since, old.drill, old.cron, old.timezone, old.on_new_backup)`,
)}
${refuse('drill_schedule', 'delete', 'a schedule that applied is never deleted')}
${refuse('snapshot', 'update', 'a snapshot is never rewritten')}
${refuse('acceptance', 'update', 'an acceptance is never rewritten')}
${refuse('acceptance', 'delete', 'an acceptance is never deleted')}
${refuse('run_fact', 'update', `${FACT} rewritten`)}
${refuse('run_fact', 'delete', `${FACT} deleted`)}
${['run', 'log_line', 'run_fact', 'stage', 'reason', 'check_result', 'phase'].map(refuseTruncate).join('\n')}

create function host_of(lease_owner text) returns text language sql immutable as $$
  select case
    when position('/' in lease_owner) = 0 then ''
    when split_part(lease_owner, '/', 1) ~ '^[0-9a-f]{12}$' then 'a container'
    else split_part(lease_owner, '/', 1)
  end
$$;

create function to_ms(instant text) returns bigint language sql stable as $$
  select round(extract(epoch from instant::timestamptz) * 1000)::bigint
$$;

create function write_run_fact() returns trigger language plpgsql set search_path from current as $$
declare
  of_drill bigint;
  of_context bigint;
  of_environment bigint;
  of_error bigint;
begin
  select id into of_drill from fact_drill where name = new.drill;
  if not found then
    insert into fact_drill select coalesce(max(id), 0) + 1, new.drill from fact_drill returning id into of_drill;
  end if;

  select id into of_context from fact_context where rto_ms = new.rto_ms and rpo_ms is not distinct from new.rpo_ms
    and tier is not distinct from new.tier and owner is not distinct from new.owner and counted_stages = new.counted_stages;
  if not found then
    insert into fact_context select coalesce(max(id), 0) + 1, new.tier, new.owner, new.rto_ms, new.rpo_ms, new.counted_stages
      from fact_context returning id into of_context;
  end if;

  if new.sandbox_runtime is not null then
    select id into of_environment from fact_environment where runtime = new.sandbox_runtime
      and image = coalesce(new.sandbox_image, '') and image_id = coalesce(new.sandbox_image_id, '')
      and host = host_of(new.lease_owner) and server_version = coalesce(new.sandbox_server_version, '');
    if not found then
      insert into fact_environment select coalesce(max(id), 0) + 1, new.sandbox_runtime, coalesce(new.sandbox_image, ''),
        coalesce(new.sandbox_image_id, ''), host_of(new.lease_owner), coalesce(new.sandbox_server_version, '')
        from fact_environment returning id into of_environment;
    end if;
  end if;

  if new.error_code is not null then
    select id into of_error from fact_error where code = new.error_code;
    if not found then
      insert into fact_error select coalesce(max(id), 0) + 1, new.error_code from fact_error returning id into of_error;
    end if;
  end if;

  insert into run_fact (
    seq, run_id, drill_id, started_ms, ended_ms, outcome, reasons, error_id, trigger_kind, attempt, context_id, environment_id,
    recovery_ms, data_loss_ms, size_bytes, taken_ms, ${STAGES.map(columnOf).join(', ')},
    warnings, checks_passed, checks_failed, sandbox_removed, sandbox_kept, archive_lag_ms
  ) values (
    (select coalesce(max(seq), 0) + 1 from run_fact),
    new.id,
    of_drill,
    to_ms(new.started_at),
    to_ms(coalesce(new.ended_at, new.started_at)),
    case when new.verdict = 'passed' then 0 when new.verdict = 'failed' then 1 when new.status = 'errored' then 2 else 3 end,
    case when new.verdict = 'failed' then (
      select coalesce(sum(distinct case reason ${REASONS.map(bitOf).join(' ')} else 0 end), 0) from reason where run_id = new.id
    ) else 0 end,
    of_error,
    case new.trigger_kind when 'hand' then 0 when 'schedule' then 1 else 2 end,
    new.attempt,
    of_context,
    of_environment,
    new.recovery_time_ms,
    new.data_loss_ms,
    new.backup_size_bytes,
    to_ms(new.backup_taken_at),
    ${STAGES.map(sumStage).join(',\n    ')},
    json_array_length(new.warnings::json),
    (select count(*) from check_result where run_id = new.id and passed = 1),
    (select count(*) from check_result where run_id = new.id and passed = 0),
    new.sandbox_removed,
    new.sandbox_kept,
    -- In a text the quotes would be escaped.
    substring(new.replay from '"lagMs":([0-9.eE+-]+)')::double precision
  );
  return null;
end $$;

create trigger run_fact_written after update of status on run
  for each row when (old.status = 'running' and new.status <> 'running') execute function write_run_fact();
`;

function freezePart(table: string): string {
  return `create trigger ${table}_ended before insert or update or delete on ${table} for each row execute function refuse_ended();`;
}

function refuse(table: string, event: string, message: string, when?: string): string {
  const condition = when === undefined ? '' : ` when (${when})`;
  return `create trigger ${table}_${event} before ${event} on ${table} for each row${condition} execute function refuse('${message}');`;
}

function refuseTruncate(table: string): string {
  return `create trigger ${table}_truncate before truncate on ${table} for each statement execute function refuse('history is never emptied');`;
}

function columnOf(stage: string): string {
  return `${stage.replace('-', '_')}_ms`;
}

function sumStage(stage: string): string {
  return `(select sum(duration_ms) from stage where run_id = new.id and name = '${stage}')`;
}

function bitOf(reason: string, index: number): string {
  return `when '${reason}' then ${2 ** index}`;
}
