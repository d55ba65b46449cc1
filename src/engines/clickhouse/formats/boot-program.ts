import type { Sandbox } from '../../../sandbox/sandbox.ts';
import type { ProvisionOptions } from '../../format.ts';
import type { ClickHouseProgram } from '../server/program.ts';
import { RestoredClickHouse } from '../server/restored-clickhouse.ts';

/** The program of a sandbox, and the server that it provides to the checks. */
export interface BootedProgram {
  readonly program: ClickHouseProgram;
  readonly server: RestoredClickHouse;
}

/** Checks that a sandbox has ClickHouse, and prepares it: the phase `boot`. @param open throws what it throws. */
export async function bootProgram(
  open: (sandbox: Sandbox, signal: AbortSignal) => Promise<ClickHouseProgram>,
  sandbox: Sandbox,
  { phases, onBooted, signal }: ProvisionOptions,
): Promise<BootedProgram> {
  phases.enter('boot');
  const program = await open(sandbox, signal);
  const server = new RestoredClickHouse(program);
  onBooted(server);
  return { program, server };
}
