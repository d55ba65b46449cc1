import { REASONS, type Reason, TRIGGER_KINDS } from '../../support/vocabulary.ts';
import {
  type FactCursor,
  type FactRange,
  type FactsSince,
  type HistoryEdges,
  NO_DATA_REASONS,
  NO_EDGES,
  NO_TOTALS,
  type ReportStore,
  RUN_OUTCOMES,
  type RunFigures,
  type RunTotals,
} from '../report-store.ts';
import { type Cell, type FactIds, FactNames, type FactRows, maybe, type Row } from './fact-names.ts';
import type { FactQuery } from './fact-queries.ts';

type Values = Parameters<FactRows>[1];

/** Reads facts within the transaction of the rows, and caches their names. One per database. */
export class FactReader {
  readonly #names = new FactNames();

  async drills(rows: FactRows): Promise<readonly string[]> {
    return (await rows('drills', {})).map(([name]) => String(name));
  }

  async inRange(rows: FactRows, { drill, fromMs, toMs, share = 1 }: FactRange): Promise<readonly RunFigures[]> {
    const id = await this.#names.idOfDrill(rows, drill);
    if (id === undefined) return [];
    return this.#facts(rows, 'inRange', { drill: id, from: fromMs, to: toMs, share: bound(share) });
  }

  async recoveryTimes(rows: FactRows, { drill, fromMs, toMs, share = 1 }: FactRange): Promise<readonly number[]> {
    const id = await this.#names.idOfDrill(rows, drill);
    if (id === undefined) return [];
    const values = { drill: id, from: fromMs, to: toMs, share: bound(share) };
    return (await rows('recoveryTimes', values)).map(([ms]) => Number(ms));
  }

  async totals(rows: FactRows, { drill, fromMs, toMs }: FactRange): Promise<RunTotals> {
    const id = await this.#names.idOfDrill(rows, drill);
    if (id === undefined) return NO_TOTALS;
    const [row = []] = await rows('totals', { drill: id, from: fromMs, to: toMs, noData: NO_DATA_BITS });
    const [runs = 0, judged = 0, passed = 0, withinRto = 0, withRpo = 0, withinRpo = 0, rightData = 0] =
      row.map(Number);
    const [passedMs, failedMs] = [maybe(row[7]) ?? FIRST_MS, maybe(row[8]) ?? FIRST_MS];
    const lastVerdict = judged === 0 ? undefined : passedMs > failedMs ? 'passed' : 'failed';
    return { runs, judged, passed, withinRto, withRpo, withinRpo, rightData, lastVerdict };
  }

  async newest(
    rows: FactRows,
    { drill, beforeMs = LAST_MS, limit }: Parameters<ReportStore['findNewestFacts']>[0],
  ): Promise<readonly RunFigures[]> {
    const id = await this.#names.idOfDrill(rows, drill);
    return id === undefined ? [] : this.#facts(rows, 'newest', { drill: id, before: beforeMs, limit });
  }

  async recent(rows: FactRows, perDrill: number): Promise<readonly RunFigures[]> {
    const facts = await this.#facts(rows, 'recent', { perDrill });
    // Runs that started in the same millisecond are returned together with the first of them.
    const left = new Map<string, number>();
    for (const { drill } of facts) left.set(drill, (left.get(drill) ?? 0) + 1);
    return facts.filter(({ drill }) => {
      const count = left.get(drill) ?? 0;
      left.set(drill, count - 1);
      return count <= perDrill;
    });
  }

  /** A cursor is the `seq` of a row: numbers are assigned while holding the write lock, so they follow commit order. */
  async since(rows: FactRows, cursor: FactCursor | undefined, limit: number): Promise<FactsSince> {
    if (cursor === undefined) return { cursor: toCursor((await rows('cursor', {}))[0]?.[0]), facts: [] };
    const found = await rows('since', { cursor: Number(cursor), limit });
    return { cursor: toCursor(found.at(-1)?.[0] ?? cursor), facts: await this.#toFacts(rows, found, 1) };
  }

  async edges(rows: FactRows, { drill, fromMs, toMs }: FactRange): Promise<HistoryEdges> {
    const id = await this.#names.idOfDrill(rows, drill);
    if (id === undefined) return NO_EDGES;
    const one = async (query: FactQuery, bounds: Values): Promise<readonly (RunFigures | undefined)[]> => {
      const found = await rows(query, { drill: id, ...bounds });
      const facts = await this.#toFacts(rows, found, 1);
      const byQuery = new Map(found.map(([at], index) => [Number(at), facts[index]]));
      return Array.from({ length: EDGES }, (_, at) => byQuery.get(at));
    };
    const edges = await one('edges', { first: FIRST_MS, from: fromMs, to: toMs });
    const [firstRun, passedBefore, failedBefore, lastRun, lastPass, lastFailure, nextPass, nextFailure] = edges;
    const sinceVerdict = afterMs(later(passedBefore, failedBefore));
    const [failing, broken] = await one('failing', { sincePass: afterMs(passedBefore), sinceVerdict });
    const before = (fact: RunFigures | undefined) => (fact && fact.startedMs < fromMs ? fact : undefined);
    return {
      firstRun,
      failingSince: before(failing),
      brokenSince: before(broken),
      lastRun,
      lastVerdict: later(lastPass, lastFailure),
      lastPass,
      nextVerdict: earlier(nextPass, nextFailure),
      nextPass,
    };
  }

  async #facts(rows: FactRows, query: FactQuery, values: Values): Promise<readonly RunFigures[]> {
    return this.#toFacts(rows, await rows(query, values), 0);
  }

  /** @param at index of the fact's first column. */
  async #toFacts(rows: FactRows, found: readonly Row[], at: number): Promise<readonly RunFigures[]> {
    if (!found.every((row) => this.#names.knows(idsOf(row, at)))) await this.#names.learn(rows);
    return found.map((row) => this.#toFact(row, at));
  }

  #toFact(row: Row, at: number): RunFigures {
    const startedMs = Number(row[at + 1]);
    const ended = Number(row[at + 2]);
    const how = ended % 2 ** 16;
    const { drill, context, environment, error } = idsOf(row, at);
    const counts = Number(row[at + 4]);
    const removed = (how >> 4) & 3;
    return {
      runId: String(row[at]),
      drill: this.#names.drill(drill),
      startedMs,
      endedMs: startedMs + Math.floor(ended / 2 ** 16),
      outcome: RUN_OUTCOMES[how & 3] ?? 'errored',
      reasons: REASON_SETS[(how >> 6) & 63] ?? [],
      errorCode: this.#names.errorCode(error),
      triggerKind: TRIGGER_KINDS[(how >> 2) & 3] ?? 'hand',
      attempt: (how >> 12) & 15,
      context: this.#names.context(context),
      environment: this.#names.environment(environment),
      recoveryTimeMs: maybe(row[at + 5]),
      dataLossMs: maybe(row[at + 6]),
      archiveLagMs: maybe(row[at + 16]),
      sizeBytes: maybe(row[at + 7]),
      takenMs: maybe(row[at + 8]),
      stagesMs: {
        locate: maybe(row[at + 9]),
        plan: maybe(row[at + 14]),
        'image-pull': maybe(row[at + 15]),
        provision: maybe(row[at + 10]),
        restore: maybe(row[at + 11]),
        verify: maybe(row[at + 12]),
        teardown: maybe(row[at + 13]),
      },
      warnings: Math.floor(counts / 2 ** 8) % 2 ** 8,
      checksPassed: Math.floor(counts / 2 ** 32),
      checksFailed: Math.floor(counts / 2 ** 16) % 2 ** 16,
      sandboxRemoved: removed === 2 ? undefined : removed === 1,
      sandboxKept: removed === 3,
    };
  }
}

function idsOf(row: Row, at: number): FactIds {
  const ids = Number(row[at + 3]);
  return {
    drill: ids % 2 ** 17,
    context: Math.floor(ids / 2 ** 17) % 2 ** 18,
    environment: Math.floor(ids / 2 ** 35),
    error: Number(row[at + 4]) % 2 ** 8,
  };
}

/** As a fraction of 65,536, rounded up, because rows are numbered. */
function bound(share: number): number {
  return Math.ceil(share * 65536);
}

function toCursor(seq: Cell): FactCursor {
  return String(seq) as FactCursor;
}

/** The queries in `edges`; `failing` has fewer. */
const EDGES = 8;
const FIRST_MS = -8.64e15;
const LAST_MS = 8.64e15;

const REASON_SETS: readonly (readonly Reason[])[] = Array.from({ length: 2 ** REASONS.length }, (_, bits) =>
  REASONS.filter((_reason, index) => bits & (2 ** index)),
);

const NO_DATA_BITS = REASONS.reduce(
  (bits, reason, index) => (NO_DATA_REASONS.includes(reason) ? bits + 2 ** index : bits),
  0,
);

function afterMs(fact: RunFigures | undefined): number {
  return fact ? fact.startedMs + 1 : FIRST_MS;
}

function later(one: RunFigures | undefined, other: RunFigures | undefined): RunFigures | undefined {
  if (!one || !other) return one ?? other;
  return other.startedMs > one.startedMs ? other : one;
}

function earlier(one: RunFigures | undefined, other: RunFigures | undefined): RunFigures | undefined {
  if (!one || !other) return one ?? other;
  return other.startedMs < one.startedMs ? other : one;
}
