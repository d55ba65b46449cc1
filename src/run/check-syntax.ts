import { randomBytes } from 'node:crypto';
import type { Drill } from '../config/drill-file.ts';
import { requireSql } from '../engines/require-sql.ts';
import type { SyntaxFinding } from '../engines/syntax.ts';
import type { Plan } from '../plan/plan.ts';
import { makeRunId } from '../record/run-id.ts';
import type { SandboxRuntime } from '../sandbox/sandbox.ts';
import { currentOwner } from '../support/owner.ts';
import { untilAborted } from '../support/until-aborted.ts';
import { nameServer } from '../support/versions.ts';
import { queryOf } from '../verify/check-traits.ts';
import type { DrillServices } from './contract.ts';
import { previewDrill } from './preview.ts';
import { wantedBy } from './pull-image.ts';

/** What an empty server says about one check. */
export interface CheckedSyntax {
  readonly name: string;
  /** `drills/orders.yaml:14` */
  readonly place: string;
  /** `no-query`: the check writes its own queries. */
  readonly finding: SyntaxFinding | { readonly kind: 'no-query' };
}

export interface SyntaxReport {
  /** `postgres 17.11 in postgres:17` */
  readonly server: string;
  readonly checks: readonly CheckedSyntax[];
}

/** Enough for a boot and a few sessions, even if finding the image takes long. */
const LEASE_MS = 30 * 60_000;

/**
 * Prepares the drill's queries on an empty server of the version that its backup would be restored into. Only the backup's header is read, and nothing is
 * restored. The sandbox is removed in any case.
 * @throws what `previewDrill` and the start of a sandbox throw, `image-missing`, `sandbox-leaked`.
 */
export async function checkSyntax(
  {
    drill,
    runtime,
    signal,
  }: { readonly drill: Drill; readonly runtime: string | undefined; readonly signal: AbortSignal },
  services: DrillServices,
): Promise<SyntaxReport> {
  const request = {
    drill,
    runtime,
    signal,
    use: ({ plan, runtime: found }: { plan: Plan; runtime: SandboxRuntime }) => ({ plan, found }),
  };
  const { plan, found } = await previewDrill(request, services);
  const engine = await services.engineOf(drill.engine.type);
  const { openSyntaxServer } = requireSql(engine, '`firedrill check --syntax`');
  const image = await found.ensureImage(wantedBy(plan), signal);
  const { memoryBytes, cpus, pids, storage } = plan.sandbox;
  const now = services.clock.now();
  await using sandbox = await found.start(
    {
      ...wantedBy(plan),
      runId: makeRunId(now, randomBytes),
      drill: drill.name,
      owner: currentOwner(),
      leaseExpiresAt: new Date(now.getTime() + LEASE_MS),
      serverUser: engine.serverUser,
      ...{ memoryBytes, cpus, pids, storage },
    },
    signal,
  );
  const { preload, settings } = drill.engine;
  await using server = await openSyntaxServer(sandbox, {
    durability: 'relaxed',
    ...{ memoryBytes, cpus, preload, settings },
    signal: AbortSignal.any([signal, sandbox.gone]),
  });
  const checks: CheckedSyntax[] = [];
  for (const [index, check] of drill.checks.entries()) {
    signal.throwIfAborted();
    const line = drill.place.checkLines[index];
    const query = queryOf(check);
    checks.push({
      name: check.name,
      place: line === undefined ? drill.place.file : `${drill.place.file}:${line}`,
      finding: query === undefined ? { kind: 'no-query' } : await untilAborted(server.prepare(query), signal),
    });
  }
  return { server: `${nameServer(engine.type, server.version)} in ${image.name}`, checks };
}
