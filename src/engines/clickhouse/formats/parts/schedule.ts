import { SECURITY } from './security.ts';

/** How a materialized view is refreshed by running its query repeatedly. */
export interface Schedule {
  /** Whether a refresh adds rows to the view's target instead of replacing them. */
  readonly appends: boolean;
  /** Whether it never fires: see {@link pauseSchedule}. */
  readonly paused: boolean;
}

/** `REFRESH EVERY 1 HOUR … TO shop.daily`, up to a clause that every such view has. */
const REFRESH = /^\s+REFRESH\s+(?:EVERY|AFTER)\s.*?(?=\s(?:TO|ENGINE|INNER|EMPTY|DEFINER|SQL|COMMENT|AS)\b|\s?\()/s;

/**
 * A view waits for those that it depends on, and a table is never refreshed: documented in ClickHouse, docs/en/sql-reference/statements/create/view.md, and
 * measured with 26.7. Otherwise each start of `clickhouse-local` refreshes a view. Without REFRESH it would be a different kind of view, which accepts fewer
 * queries.
 */
const PAUSED = 'REFRESH EVERY 1 YEAR DEPENDS ON system.one';

const INNER_ID = /^\s+TO\s+INNER\s+UUID\s+'[\da-fA-F-]{36}'/;

/** @param body the text after the name of a view in its definition. */
export function readSchedule(body: string): Schedule | undefined {
  const clause = REFRESH.exec(body)?.[0];
  if (clause === undefined) return undefined;
  return { appends: appendOf(clause) !== '', paused: clause.trimStart().startsWith(PAUSED) };
}

/**
 * The view is not refreshed when it is created either (`EMPTY`), and its definer is the creator: the sandbox does not have the server's users.
 * @param body as for {@link readSchedule}. @returns it unchanged if it has no schedule.
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
