import { randomBytes } from 'node:crypto';
import type { BackupSource } from '../backup/source.ts';
import type { Drill } from '../config/drill-file.ts';
import type { Plan } from '../plan/plan.ts';
import { makeRunId } from '../record/run-id.ts';
import type { SandboxRuntime } from '../sandbox/sandbox.ts';
import { asDrillError } from '../support/errors.ts';
import type { IdentityName } from '../support/vocabulary.ts';
import { chooseIdentity } from './choose-identity.ts';
import type { DrillServices, RunFact } from './contract.ts';
import { type Located, locate } from './locate.ts';
import { OpenResources } from './open-resources.ts';
import { nextShare } from './pace-reads.ts';
import { planDrill } from './plan-drill.ts';
import { explainAccess, readAs } from './read-as.ts';
import { withRecordedRequests } from './record-requests.ts';

export interface Preview {
  readonly plan: Plan;
  readonly source: BackupSource;
  readonly located: Located;
  readonly runtime: SandboxRuntime;
}

/**
 * Previews a run of this drill without side effects: chooses the backup and reads its header, but pulls and starts nothing. Its requests are recorded.
 * @param request.use is called while the backup is still open. Throws what `locate` and the choice of a runtime throw.
 */
export function previewDrill<T>(request: PreviewRequest<T>, services: DrillServices): Promise<T> {
  return withRecordedRequests(services, request.drill.name, (recorded) => preview(request, recorded));
}

interface PreviewRequest<T> {
  readonly drill: Drill;
  readonly runtime: string | undefined;
  /** Whose keys and credentials to use; undefined: as the drill says. */
  readonly as?: IdentityName | undefined;
  readonly signal: AbortSignal;
  /** Called with a description of anything that takes long. */
  readonly onActivity?: (doing: string) => void;
  readonly use: (preview: Preview) => T | Promise<T>;
}

async function preview<T>(request: PreviewRequest<T>, services: DrillServices): Promise<T> {
  const { drill, signal } = request;
  const { clock } = services;
  const engine = await services.engineOf(drill.engine.type);
  const warnings: string[] = [];
  using resources = new OpenResources();
  const name = await chooseIdentity(drill, request.as, services.store, clock.now());
  const access = readAs(drill, name);
  const source = resources.add(await services.openSource(access.backup.source));
  const principal = await source.principal?.(signal);
  const seed = makeRunId(clock.now(), randomBytes);
  const onOpened = (content: { close(): void }) => resources.add(content);
  const keysUsed = new Set<string>();
  const keys = services.keysOf(access, { signal, onUse: (fingerprint) => keysUsed.add(fingerprint) });
  const emit = (fact: RunFact) => {
    if (fact.type === 'warning') warnings.push(fact.message);
    if (fact.type === 'activity') request.onActivity?.(fact.doing);
  };
  const located = await locate(
    { drill, source, keys, engine, prices: services.prices, seed, onOpened },
    { signal, clock, emit },
  ).catch((thrown: unknown) => {
    throw explainAccess(asDrillError(thrown), name, drill);
  });
  const identity = { name, keys: [...keysUsed], principal };
  const runtime = await services.chooseRuntime(request.runtime ?? drill.sandbox.runtime, signal, drill.sandbox);
  const baseline = await services.store.getBaseline(drill.name);
  const plan = planDrill(
    {
      drill,
      source,
      located,
      engine,
      runtime,
      baseline,
      identity,
      images: services.images,
      share: await nextShare(drill, services),
    },
    clock.now(),
  );
  const told = { ...plan, warnings: [...warnings, ...plan.warnings] };
  return await request.use({ plan: told, source, located, runtime });
}
