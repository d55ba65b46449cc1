import { randomBytes } from 'node:crypto';
import type { BackupSource } from '../backup/source.ts';
import type { Drill } from '../config/drill-file.ts';
import type { Plan } from '../plan/plan.ts';
import { makeRunId } from '../record/run-id.ts';
import type { SandboxRuntime } from '../sandbox/sandbox.ts';
import type { RuntimeName } from '../support/vocabulary.ts';
import type { DrillServices } from './contract.ts';
import { type Located, locate } from './locate.ts';
import { planDrill } from './plan-drill.ts';

export interface Preview {
  readonly plan: Plan;
  readonly source: BackupSource;
  readonly located: Located;
  readonly runtime: SandboxRuntime;
}

/**
 * Previews a run of this drill without side effects: the backup is chosen and its header read; nothing is pulled or started.
 * @param request.use is called while the backup is still open. Throws what `locate` and the choice of a runtime throw.
 */
export async function previewDrill<T>(
  request: {
    readonly drill: Drill;
    readonly runtime: RuntimeName | undefined;
    readonly signal: AbortSignal;
    readonly use: (preview: Preview) => T | Promise<T>;
  },
  services: DrillServices,
): Promise<T> {
  const { drill, signal } = request;
  const engine = await services.engineOf(drill.engine.type);
  const warnings: string[] = [];
  const opened: { close(): void }[] = [];
  try {
    const source = await services.openSource(drill.backup.source);
    opened.push(source);
    const progress = {
      onChosen: () => undefined,
      onOpened: (content: { close(): void }) => opened.push(content),
      onWarning: (text: string) => warnings.push(text),
    };
    const now = services.clock.now();
    const located = await locate(drill, source, engine, now, progress, makeRunId(now, randomBytes), signal);
    const runtime = await services.chooseRuntime(request.runtime ?? drill.sandbox.runtime, signal);
    const baseline = await services.store.getBaseline(drill.name);
    const plan = planDrill({ drill, source, located, engine, runtime: runtime.name, baseline }, services);
    const told = { ...plan, warnings: [...warnings, ...plan.warnings] };
    return await request.use({ plan: told, source, located, runtime });
  } finally {
    for (const resource of opened.reverse()) resource.close();
  }
}
