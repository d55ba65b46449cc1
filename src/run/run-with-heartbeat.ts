import { type Heartbeat, runUuid } from '../notify/heartbeat.ts';
import type { RunRecord } from '../record/run-record.ts';
import { asDrillError } from '../support/errors.ts';
import type { DrillRequest, DrillServices } from './contract.ts';
import { runDrill } from './run-drill.ts';

/**
 * Runs a drill and pings its heartbeat URL at the start and on success or failure. A failed ping does not affect the run; it is recorded in the run's log.
 * @throws what {@link runDrill} throws, after the failure ping.
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
    // A run that was not started here belongs to another process, which sends its heartbeat.
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
  await store.addLog(runId, lines).catch(() => undefined); // ignored: the run itself is recorded
}
