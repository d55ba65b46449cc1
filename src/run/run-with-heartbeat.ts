import { type Heartbeat, runUuid } from '../notify/heartbeat.ts';
import type { RunRecord } from '../record/run-record.ts';
import { asDrillError } from '../support/errors.ts';
import type { DrillRequest, DrillServices } from './contract.ts';
import { runDrill } from './run-drill.ts';

/**
 * A run whose heartbeat URL hears of it: when it starts, and when it has ended well or not. Nothing that goes wrong with that changes the run;
 * it is added to the run's log.
 * @throws what {@link runDrill} throws, after the heartbeat has heard of the failure.
 */
export async function runWithHeartbeat(
  request: DrillRequest,
  services: DrillServices,
  heartbeat: Heartbeat,
): Promise<RunRecord> {
  const url = request.drill.heartbeat;
  if (url === undefined) return runDrill(request, services);
  let rid = '';
  const pings: Promise<string | undefined>[] = [];
  let isEnded = false;
  const emit: DrillRequest['emit'] = (event) => {
    if (event.type === 'run-started') {
      rid = runUuid(event.runId);
      pings.push(heartbeat.ping(url, 'start', rid, ''));
    }
    if (event.type === 'run-ended') {
      isEnded = true;
      pings.push(heartbeat.ping(url, event.run.verdict === 'passed' ? 'success' : 'fail', rid, event.sentence));
    }
    request.emit(event);
  };
  try {
    const run = await runDrill({ ...request, emit }, services);
    await noteProblems(run.id, pings, services);
    return run;
  } catch (thrown) {
    // A run that was never begun is another process's, and so is its heartbeat.
    const isOurs = pings.length > 0 && !isEnded;
    if (isOurs) pings.push(heartbeat.ping(url, 'fail', rid, services.redact(asDrillError(thrown).message)));
    await Promise.all(pings);
    throw thrown;
  }
}

async function noteProblems(
  runId: string,
  pings: readonly Promise<string | undefined>[],
  { store, clock }: DrillServices,
): Promise<void> {
  const problems = new Set((await Promise.all(pings)).filter((problem) => problem !== undefined));
  if (problems.size === 0) return;
  const lines = [...problems].map((message) => ({ at: clock.now(), level: 'warn' as const, message }));
  await store.addLog(runId, lines).catch(() => undefined); // the run is recorded, and that is what counts
}
