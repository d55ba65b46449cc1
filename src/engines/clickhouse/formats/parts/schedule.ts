import { SECURITY } from './security.ts';

/** By which a materialized view is refreshed: its query is run again and again. */
export interface Schedule {
  /** Whether a refresh adds rows to those of the view's target, instead of replacing them. */
  readonly appends: boolean;
  /** Whether it never comes: see {@link pauseSchedule}. */
  readonly paused: boolean;
}

/** `REFRESH EVERY 1 HOUR … TO shop.daily`, up to what any such view has. */
const REFRESH = /^\s+REFRESH\s+(?:EVERY|AFTER)\s.*?(?=\s(?:TO|ENGINE|INNER|EMPTY|DEFINER|SQL|COMMENT|AS)\b|\s?\()/s;

/**
 * A view waits for those that it depends on, and a table is never refreshed: documented in ClickHouse, docs/en/sql-reference/statements/create/view.md, and
 * measured with 26.7. Each start of `clickhouse-local` refreshes a view otherwise. Without REFRESH it would be a view of another kind, which takes fewer queries.
 */
const PAUSED = 'REFRESH EVERY 1 YEAR DEPENDS ON system.one';

const INNER_ID = /^\s+TO\s+INNER\s+UUID\s+'[\da-fA-F-]{36}'/;

/** @param body what follows the name of a view in its definition. */
export function readSchedule(body: string): Schedule | undefined {
  const clause = REFRESH.exec(body)?.[0];
  if (clause === undefined) return undefined;
  return { appends: appendOf(clause) !== '', paused: clause.trimStart().startsWith(PAUSED) };
}

/**
 * Nor is the view refreshed when it is created (`EMPTY`), and its definer is who creates it: the sandbox does not have the server's users.
 * @param body as of {@link readSchedule}. @returns it as it is without a schedule.
 */
export function pauseSchedule(body: string): string {
  const clause = REFRESH.exec(body)?.[0];
  if (clause === undefined) return body;
  const rest = body.slice(clause.length).replace(INNER_ID, '').replace(SECURITY, ' EMPTY');
  return ` ${PAUSED}${appendOf(clause)}${rest}`;
}

function appendOf(clause: string): string {
  return /\sAPPEND(?:\s+INCREMENTAL)?$/.exec(clause)?.[0] ?? '';
}
