import type { Insertable, Selectable, Transaction } from 'kysely';
import { isProviderError } from '../../support/store-request.ts';
import {
  ANSWERED_KEPT_A_DAY,
  ERRORS_KEPT_A_DAY,
  REQUESTS_KEPT_MS,
  type RecordedRequest,
  type RequestBatch,
  type RequestFilter,
  type RequestHour,
} from '../request-store.ts';
import type { RequestHourTable, RequestTable } from './request-tables.ts';
import type { Schema } from './schema.ts';

type Trx = Transaction<Schema>;

/** Rows per statement; SQLite accepts 32,766 values. */
const ROWS_AT_ONCE = 500;
/** As for other tables, the write lock is held during a batch. */
const PRUNED_AT_ONCE = 20_000;

export async function addRequests(trx: Trx, { hours, requests }: RequestBatch): Promise<void> {
  for (const hour of hours) await addHour(trx, hour);
  const kept = await withinDays(trx, requests);
  for (let from = 0; from < kept.length; from += ROWS_AT_ONCE) {
    const rows = kept.slice(from, from + ROWS_AT_ONCE).map(toRow);
    await trx.insertInto('request').values(rows).execute();
  }
}

export async function findRequestHours(
  trx: Trx,
  { from, to }: { readonly from: Date; readonly to: Date },
): Promise<readonly RequestHour[]> {
  const rows = await trx
    .selectFrom('request_hour')
    .selectAll()
    .where('hour_at', '>=', from.toISOString())
    .where('hour_at', '<', to.toISOString())
    .orderBy('hour_at')
    .orderBy('endpoint')
    .orderBy('operation')
    .execute();
  return rows.map(toHour);
}

export async function findRequests(
  trx: Trx,
  { from, to, endpoints, runId, outcomes, limit }: RequestFilter,
): Promise<readonly RecordedRequest[]> {
  let query = trx
    .selectFrom('request')
    .selectAll()
    .where('is_error', 'in', outcomes ? [...new Set(outcomes.map((outcome) => errorFlag({ outcome })))] : [0, 1])
    .where('at', '>=', from.toISOString())
    .where('at', '<', to.toISOString());
  if (endpoints) query = query.where('endpoint', 'in', endpoints);
  if (runId !== undefined) query = query.where('run_id', '=', runId);
  if (outcomes) query = query.where('outcome', 'in', outcomes);
  const rows = await query.orderBy('at', 'desc').orderBy('id', 'desc').limit(limit).execute();
  return rows.map(toRequest);
}

/** Removes hourly counts and single requests older than 30 days. @returns how many rows were removed. */
export async function pruneRequests(trx: Trx, now: Date): Promise<number> {
  const before = new Date(now.getTime() - REQUESTS_KEPT_MS).toISOString();
  const hours = await trx.deleteFrom('request_hour').where('hour_at', '<', before).executeTakeFirst();
  const requests = await trx
    .deleteFrom('request')
    .where('id', 'in', (eb) =>
      eb
        .selectFrom('request')
        .select('id')
        .where('is_error', 'in', [0, 1])
        .where('at', '<', before)
        .limit(PRUNED_AT_ONCE),
    )
    .executeTakeFirst();
  return Number(hours.numDeletedRows + requests.numDeletedRows);
}

async function addHour(trx: Trx, { hourAt, endpoint, operation, counts, durationMs, slowestMs }: RequestHour) {
  const added = { ...counts, duration_ms: Math.round(durationMs) };
  const slowest = Math.round(slowestMs);
  await trx
    .insertInto('request_hour')
    .values({ hour_at: hourAt.toISOString(), endpoint, operation, ...added, slowest_ms: slowest })
    .onConflict((conflict) =>
      conflict.columns(['hour_at', 'endpoint', 'operation']).doUpdateSet((eb) => ({
        answered: eb('request_hour.answered', '+', added.answered),
        refused: eb('request_hour.refused', '+', added.refused),
        failed: eb('request_hour.failed', '+', added.failed),
        throttled: eb('request_hour.throttled', '+', added.throttled),
        unanswered: eb('request_hour.unanswered', '+', added.unanswered),
        cut: eb('request_hour.cut', '+', added.cut),
        duration_ms: eb('request_hour.duration_ms', '+', added.duration_ms),
        slowest_ms: eb
          .case()
          .when('request_hour.slowest_ms', '<', slowest)
          .then(slowest)
          .else(eb.ref('request_hour.slowest_ms'))
          .end(),
      })),
    )
    .execute();
}

/** Drops requests beyond the number kept per day. */
async function withinDays(trx: Trx, requests: readonly RecordedRequest[]): Promise<readonly RecordedRequest[]> {
  const room = new Map<string, number>();
  const kept: RecordedRequest[] = [];
  for (const request of requests) {
    const day = request.at.toISOString().slice(0, 10);
    const flag = errorFlag(request);
    const slot = `${day} ${flag}`;
    const left =
      room.get(slot) ?? (flag === 1 ? ERRORS_KEPT_A_DAY : ANSWERED_KEPT_A_DAY) - (await countDay(trx, day, flag));
    if (left > 0) kept.push(request);
    room.set(slot, left - 1);
  }
  return kept;
}

async function countDay(trx: Trx, day: string, flag: number): Promise<number> {
  const { count } = await trx
    .selectFrom('request')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('is_error', '=', flag)
    .where('at', '>=', day)
    .where('at', '<', `${day}U`) // sorts behind every instant of the day, whose day is followed by a T
    .executeTakeFirstOrThrow();
  return count;
}

function errorFlag(request: Pick<RecordedRequest, 'outcome'>): 0 | 1 {
  return isProviderError(request) ? 1 : 0;
}

function toRow(one: RecordedRequest): Insertable<RequestTable> {
  return {
    at: one.at.toISOString(),
    endpoint: one.endpoint,
    operation: one.operation,
    key: one.key ?? null,
    status: one.status ?? null,
    outcome: one.outcome,
    is_error: errorFlag(one),
    attempt: one.attempt,
    duration_ms: Math.round(one.durationMs),
    ids: JSON.stringify(one.requestIds),
    headers: Object.keys(one.headers).length === 0 ? null : JSON.stringify(one.headers),
    said: one.said ?? null,
    source: one.source,
    drill: one.drill ?? null,
    run_id: one.runId ?? null,
  };
}

function toRequest(row: Selectable<RequestTable>): RecordedRequest {
  return {
    at: new Date(row.at),
    endpoint: row.endpoint,
    operation: row.operation,
    key: row.key ?? undefined,
    status: row.status ?? undefined,
    requestIds: JSON.parse(row.ids) as RecordedRequest['requestIds'],
    attempt: row.attempt,
    durationMs: row.duration_ms,
    outcome: row.outcome,
    said: row.said ?? undefined,
    headers: row.headers === null ? {} : (JSON.parse(row.headers) as RecordedRequest['headers']),
    source: row.source,
    drill: row.drill ?? undefined,
    runId: row.run_id ?? undefined,
  };
}

function toHour(row: Selectable<RequestHourTable>): RequestHour {
  const { answered, refused, failed, throttled, unanswered, cut } = row;
  return {
    hourAt: new Date(row.hour_at),
    endpoint: row.endpoint,
    operation: row.operation,
    counts: { answered, refused, failed, throttled, unanswered, cut },
    durationMs: row.duration_ms,
    slowestMs: row.slowest_ms,
  };
}
