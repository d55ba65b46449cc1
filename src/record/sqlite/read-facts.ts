import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
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
import { type Cell, FactNames, maybe, type Row } from './fact-names.ts';
import { FACT_QUERIES, type FactQuery } from './fact-queries.ts';

/** Reads facts on a connection, within whatever transaction it is in. */
export class FactReader {
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();
  readonly #names: FactNames;

  constructor(database: DatabaseSync) {
    this.#database = database;
    this.#names = new FactNames((query, values) => this.#all(query, values));
  }

  drills(): readonly string[] {
    return this.#all('drills', {}).map(([name]) => String(name));
  }

  inRange({ drill, fromMs, toMs, share = 1 }: FactRange): readonly RunFigures[] {
    const id = this.#names.idOfDrill(drill);
    return id === undefined ? [] : this.#facts('inRange', { drill: id, from: fromMs, to: toMs, share: share * 65536 });
  }

  recoveryTimes({ drill, fromMs, toMs, share = 1 }: FactRange): readonly number[] {
    const id = this.#names.idOfDrill(drill);
    if (id === undefined) return [];
    const values = { drill: id, from: fromMs, to: toMs, share: share * 65536 };
    return this.#all('recoveryTimes', values).map(([ms]) => Number(ms));
  }

  totals({ drill, fromMs, toMs }: FactRange): RunTotals {
    const id = this.#names.idOfDrill(drill);
    if (id === undefined) return NO_TOTALS;
    const [row = []] = this.#all('totals', { drill: id, from: fromMs, to: toMs, noData: NO_DATA_BITS });
    const [runs = 0, judged = 0, passed = 0, withinRto = 0, withRpo = 0, withinRpo = 0, rightData = 0] =
      row.map(Number);
    const [passedMs, failedMs] = [maybe(row[7]) ?? FIRST_MS, maybe(row[8]) ?? FIRST_MS];
    const lastVerdict = judged === 0 ? undefined : passedMs > failedMs ? 'passed' : 'failed';
    return { runs, judged, passed, withinRto, withRpo, withinRpo, rightData, lastVerdict };
  }

  newest({ drill, beforeMs = LAST_MS, limit }: Parameters<ReportStore['findNewestFacts']>[0]): readonly RunFigures[] {
    const id = this.#names.idOfDrill(drill);
    return id === undefined ? [] : this.#facts('newest', { drill: id, before: beforeMs, limit });
  }

  recent(perDrill: number): readonly RunFigures[] {
    const facts = this.#facts('recent', { perDrill });
    // Runs that began in one millisecond come along with the first of them.
    const left = new Map<string, number>();
    for (const { drill } of facts) left.set(drill, (left.get(drill) ?? 0) + 1);
    return facts.filter(({ drill }) => {
      const count = left.get(drill) ?? 0;
      left.set(drill, count - 1);
      return count <= perDrill;
    });
  }

  /** A cursor is the `seq` of a row: numbers are given while the write lock is held, so they follow the order of commits. */
  since(cursor: FactCursor | undefined, limit: number): FactsSince {
    if (cursor === undefined) return { cursor: toCursor(this.#all('cursor', {})[0]?.[0]), facts: [] };
    const rows = this.#all('since', { cursor: Number(cursor), limit });
    return { cursor: toCursor(rows.at(-1)?.[0] ?? cursor), facts: rows.map((row) => this.#toFact(row, 1)) };
  }

  edges({ drill, fromMs, toMs }: FactRange): HistoryEdges {
    const id = this.#names.idOfDrill(drill);
    if (id === undefined) return NO_EDGES;
    const one = (query: FactQuery, bound: Record<string, number>): RunFigures | undefined =>
      this.#facts(query, { drill: id, ...bound })[0];
    const verdictBefore = (before: number) => later(one('lastPassed', { before }), one('lastFailed', { before }));
    const before = (fact: RunFigures | undefined) => (fact && fact.startedMs < fromMs ? fact : undefined);
    const nextPass = one('firstPassed', { from: toMs });
    return {
      firstRun: one('first', { from: FIRST_MS }),
      failingSince: before(one('firstFailed', { from: afterMs(one('lastPassed', { before: fromMs })) })),
      brokenSince: before(one('firstBroken', { from: afterMs(verdictBefore(fromMs)) })),
      lastRun: one('newest', { before: toMs, limit: 1 }),
      lastVerdict: verdictBefore(toMs),
      lastPass: one('lastPassed', { before: toMs }),
      nextVerdict: earlier(nextPass, one('firstFailed', { from: toMs })),
      nextPass,
    };
  }

  #facts(query: FactQuery, values: Record<string, SQLInputValue>): RunFigures[] {
    return this.#all(query, values).map((row) => this.#toFact(row, 0));
  }

  #all(query: FactQuery, values: Record<string, SQLInputValue>): Row[] {
    let statement = this.#statements.get(query);
    if (!statement) {
      statement = this.#database.prepare(FACT_QUERIES[query]);
      statement.setReturnArrays(true);
      this.#statements.set(query, statement);
    }
    // The types of node:sqlite do not know that rows are arrays now.
    return statement.all(values) as unknown as Row[];
  }

  #toFact(row: Row, at: number): RunFigures {
    const startedMs = Number(row[at + 1]);
    const ended = Number(row[at + 2]);
    const how = ended % 2 ** 15;
    const ids = Number(row[at + 3]);
    const counts = Number(row[at + 4]);
    const removed = (how >> 4) & 3;
    return {
      runId: String(row[at]),
      drill: this.#names.drill(ids % 2 ** 17),
      startedMs,
      endedMs: startedMs + Math.floor(ended / 2 ** 15),
      outcome: RUN_OUTCOMES[how & 3] ?? 'errored',
      reasons: REASON_SETS[(how >> 6) & 31] ?? [],
      errorCode: this.#names.errorCode(counts % 2 ** 8),
      triggerKind: TRIGGER_KINDS[(how >> 2) & 3] ?? 'hand',
      attempt: (how >> 11) & 15,
      context: this.#names.context(Math.floor(ids / 2 ** 17) % 2 ** 18),
      environment: this.#names.environment(Math.floor(ids / 2 ** 35)),
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

function toCursor(seq: Cell): FactCursor {
  return String(seq) as FactCursor;
}

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
