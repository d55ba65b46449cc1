import { noRequests, type RecordedRequest, type RequestHour } from '../record/request-store.ts';
import type { Store } from '../record/store.ts';
import type { OnStoreRequest, StoreRequest } from '../support/store-request.ts';
import { isProviderError } from '../support/store-request.ts';
import type { DrillServices } from './contract.ts';

/** What requests are made for. */
export type RequestOrigin = Pick<RecordedRequest, 'drill' | 'runId'>;

/** This many answered requests are stored one by one until the next write; any more are only counted. */
const KEPT_ANSWERED = 2000;
const KEPT_ERRORS = 1000;
/** A long run writes periodically, so that a store that fails more often than usual is noticed before the run has ended. */
const WRITE_EVERY_MS = 60_000;
const HOUR_MS = 3_600_000;

export type RequestServices = Pick<DrillServices, 'openSource' | 'onStoreRequest' | 'clock'> & {
  readonly store: Pick<Store, 'addRequests'>;
};

export interface RequestRecorder<S> {
  /** The given services, whose sources now record their requests. */
  readonly services: S;
  /** Writes what has not been written yet. Never throws: recovery does not depend on it. @returns why requests could not be written. */
  save(): Promise<string | undefined>;
}

/**
 * Records the requests of operations other than runs, such as a plan or a search for backups: that is where a failing store is noticed first. Requests that
 * could not be recorded are dropped; the result does not depend on them.
 */
export async function withRecordedRequests<S extends RequestServices, T>(
  services: S,
  drill: string | undefined,
  use: (services: S) => Promise<T>,
): Promise<T> {
  const recorder = recordRequests(services, { drill, runId: undefined });
  try {
    return await use(recorder.services);
  } finally {
    await recorder.save();
  }
}

/** Records every request of the sources opened through these services, with one write a minute and one at the end. */
export function recordRequests<S extends RequestServices>(services: S, origin: RequestOrigin): RequestRecorder<S> {
  const { store, clock } = services;
  let hours = new Map<string, HourCount>();
  let requests: RecordedRequest[] = [];
  let errors = 0;
  let writtenMs = clock.monotonicMs();
  let writing: Promise<string | undefined> = Promise.resolve(undefined);

  const write = (): Promise<string | undefined> => {
    writtenMs = clock.monotonicMs();
    if (hours.size === 0) return writing;
    const batch = { hours: [...hours.values()], requests };
    hours = new Map();
    requests = [];
    errors = 0;
    writing = writing.then(async (before) => {
      try {
        await store.addRequests(batch);
        return before;
      } catch (thrown) {
        return thrown instanceof Error ? thrown.message : String(thrown);
      }
    });
    return writing;
  };
  const add = (request: StoreRequest, source: string) => {
    count(hours, request);
    const isError = isProviderError(request);
    if (isError ? errors < KEPT_ERRORS : requests.length - errors < KEPT_ANSWERED) {
      requests.push({ ...request, source, ...origin });
      if (isError) errors += 1;
    }
    if (clock.monotonicMs() - writtenMs >= WRITE_EVERY_MS) void write();
  };
  const openSource: S['openSource'] = async (spec, onRequest) => {
    // Requests for credentials happen before the source has a name.
    const early: StoreRequest[] = [];
    let description: string | undefined;
    const observe: OnStoreRequest = (request) => {
      onRequest?.(request);
      if (description === undefined) early.push(request);
      else add(request, description);
    };
    try {
      const source = await services.openSource(spec, observe);
      description = source.description;
      return source;
    } finally {
      description ??= '';
      for (const request of early) add(request, description);
    }
  };
  const onStoreRequest: OnStoreRequest = (request) => add(request, '');
  return { services: { ...services, openSource, onStoreRequest }, save: write };
}

type HourCount = { -readonly [K in keyof RequestHour]: RequestHour[K] } & {
  readonly counts: ReturnType<typeof noRequests>;
};

function count(hours: Map<string, HourCount>, { at, endpoint, operation, outcome, durationMs }: StoreRequest): void {
  const hourAt = new Date(Math.floor(at.getTime() / HOUR_MS) * HOUR_MS);
  const name = JSON.stringify([hourAt, endpoint, operation]);
  const hour = hours.get(name) ?? { hourAt, endpoint, operation, counts: noRequests(), durationMs: 0, slowestMs: 0 };
  hour.counts[outcome] += 1;
  hour.durationMs += durationMs;
  hour.slowestMs = Math.max(hour.slowestMs, durationMs);
  hours.set(name, hour);
}
