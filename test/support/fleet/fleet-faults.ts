import type { FleetProcess } from './fleet-process.ts';
import type { FleetWorkspace } from './fleet-workspace.ts';

/** A run whose process was killed, suspended or cut off. */
export interface BrokenRun {
  readonly runId: string;
  /** On the monotonic clock. */
  readonly atMs: number;
}

/** Faults of a fleet at work. The runner that they hit is drawn from those that have a run in progress. */
export class FleetFaults {
  /** Runs that were in progress when their process was killed or stopped. */
  readonly broken: BrokenRun[] = [];
  private readonly fleet: FleetWorkspace;
  private readonly random: () => number;

  /** @param random numbers from 0 to below 1. */
  constructor(fleet: FleetWorkspace, random: () => number) {
    this.fleet = fleet;
    this.random = random;
  }

  /** Resolves when this many runs have ended, according to the logs. */
  async ended(count: number): Promise<void> {
    await this.fleet.until(() => {
      const lines = this.fleet.processes.flatMap((one) => one.lines);
      return lines.filter(({ msg }) => isEnd(msg)).length >= count || undefined;
    });
  }

  /** `kill -9` of a runner. @returns the runner, with the runs that it had. */
  async killRunner(): Promise<Broken> {
    return this.break('SIGKILL');
  }

  /** Suspends a runner. @returns the runner, with the runs that it had. */
  async suspendRunner(): Promise<Broken> {
    return this.break('SIGSTOP');
  }

  /** Cuts off a host once its runner has a run in progress. @returns the runner, with the runs that it had. */
  async cutOff(host: string, cut: () => void): Promise<Broken> {
    const runner = await this.fleet.until(() =>
      this.fleet.processes.find((one) => one.host === host && one.isAlive && one.active.size > 0),
    );
    cut();
    return { runner, runIds: this.note(runner) };
  }

  /** `kill -9` of the leading scheduler. Resolves with its host when another one leads. */
  async killLeader(): Promise<string> {
    const leader = await this.fleet.until(() => this.findLeader());
    leader.kill('SIGKILL');
    await leader.ended;
    await this.fleet.until(() => this.findLeader());
    return leader.host;
  }

  /** Suspends the leading scheduler. Resolves with it when another one leads. */
  async suspendLeader(): Promise<FleetProcess> {
    const leader = await this.fleet.until(() => this.findLeader());
    leader.kill('SIGSTOP');
    await this.fleet.until(() => this.findLeader(leader));
    return leader;
  }

  /** Ends every connection to the store, whatever it is doing. */
  async dropConnections(): Promise<void> {
    await this.fleet.postgres.query(
      "select pg_terminate_backend(pid) from pg_stat_activity where application_name like 'firedrill%'",
    );
  }

  /** Resolves when none of the runs is in progress any more, according to the store. */
  async recordedAsEnded(runIds: readonly string[]): Promise<void> {
    await this.fleet.until(async () => {
      const [row] = await this.fleet.postgres.query(
        "select count(*)::int as count from firedrill.run where status = 'running' and id = any($1)",
        [runIds],
      );
      return row?.['count'] === 0 || undefined;
    });
  }

  /** Resolves when every drill has a run that is not repeated. */
  async settled(drills: number): Promise<void> {
    await this.fleet.until(async () => {
      const [row] = await this.fleet.postgres.query(
        `select count(distinct drill)::int as count from firedrill.run
          where status <> 'running' and (retryable is null or retryable = 0)`,
      );
      return row?.['count'] === drills || undefined;
    });
  }

  private async break(signal: 'SIGKILL' | 'SIGSTOP'): Promise<Broken> {
    const busy = await this.fleet.until(() => {
      const found = this.fleet.processes.filter(({ isAlive, active }) => isAlive && active.size > 0);
      return found[Math.floor(this.random() * found.length)];
    });
    busy.kill(signal);
    const runIds = this.note(busy);
    if (signal === 'SIGKILL') await busy.ended;
    return { runner: busy, runIds };
  }

  /** @returns the runs that are cut off with it. */
  private note({ active }: FleetProcess): readonly string[] {
    const atMs = performance.now();
    const runIds = [...active];
    this.broken.push(...runIds.map((runId) => ({ runId, atMs })));
    return runIds;
  }

  /** @param other the previous leader. */
  private findLeader(other?: FleetProcess): FleetProcess | undefined {
    return this.fleet.processes.findLast(
      (one) =>
        one !== other &&
        one.isAlive &&
        one.lines.findLast(({ msg }) => isAboutLead(msg))?.msg.startsWith('leads the schedulers'),
    );
  }
}

export interface Broken {
  readonly runner: FleetProcess;
  readonly runIds: readonly string[];
}

function isEnd(message: string): boolean {
  return /^[A-Z]{6,} /.test(message);
}

function isAboutLead(message: string): boolean {
  return /^leads the schedulers|^on standby/.test(message);
}
