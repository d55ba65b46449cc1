import { fileURLToPath } from 'node:url';
import type { AccessSettings } from '../../src/config/access-schema.ts';
import type { DrillControl, LiveChange, LiveRun, WaitingRun } from '../../src/daemon/control.ts';
import { createDashboard, type Dashboard } from '../../src/dashboard/dashboard.ts';
import type { CurrentStandings, DashboardDeps } from '../../src/dashboard/deps.ts';
import { createReports } from '../../src/dashboard/reports.ts';
import { createRunbookReader } from '../../src/dashboard/runbooks.ts';
import type { CommandOutcome } from '../../src/record/live-store.ts';
import type { Store } from '../../src/record/store.ts';
import { readStandings } from '../../src/status/read-standings.ts';
import { hashSecret, makeToken } from '../../src/support/access-token.ts';
import { Redactor } from '../../src/support/redact.ts';
import type { Role } from '../../src/support/vocabulary.ts';
import { createMemoryStore } from '../support/memory-store.ts';
import { NOON } from '../support/run-records.ts';
import { DRILLS, history, record } from './fake-drills.ts';

/** A scheduler whose activity the test sets. */
class FakeControl implements DrillControl {
  running: readonly LiveRun[] = [];
  waiting: readonly WaitingRun[] = [];
  silences: ReadonlyMap<string, number> = new Map();
  unavailable: string | undefined;
  /** Requests to it, in order. */
  readonly asked: string[] = [];
  /** Number of times that the runs of other processes were read. */
  looks = 0;
  /** Id of a run that takes no commands. */
  unfollowed = '';
  readonly #listeners = new Set<(change: LiveChange) => void>();

  runNow(drill: string, who: string, isOverBudget = false): 'queued' | 'busy' | 'unknown' {
    this.asked.push(`run ${drill} by ${who}${isOverBudget ? ', over budget' : ''}`);
    if (!DRILLS.some(({ name }) => name === drill)) return 'unknown';
    return this.running.some((run) => run.drill === drill) ? 'busy' : 'queued';
  }

  async stop(runId: string, who: string): Promise<CommandOutcome> {
    this.asked.push(`stop ${runId} by ${who}`);
    return this.#outcomeOf(runId);
  }

  async keep(runId: string, keepMs: number, who: string): Promise<CommandOutcome> {
    this.asked.push(`keep ${runId} for ${keepMs} by ${who}`);
    return this.#outcomeOf(runId);
  }

  async refreshRunning(): Promise<void> {
    this.looks += 1;
  }

  refresh(): void {
    this.asked.push('refresh');
  }

  get listeners(): number {
    return this.#listeners.size;
  }

  subscribe(listener: (change: LiveChange) => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }

  #outcomeOf(runId: string): CommandOutcome {
    if (runId === this.unfollowed) return 'unfollowed';
    return this.running.some((run) => run.runId === runId) ? 'accepted' : 'ended';
  }

  tell(change: Partial<LiveChange> & Pick<LiveChange, 'kind'>): void {
    for (const listener of this.#listeners) listener({ drill: undefined, runId: undefined, ...change });
  }
}

export const ACCESS: AccessSettings = {
  loopback: 'open',
  proxy: undefined,
  badges: { isPublic: false, keyHash: undefined },
  idleMs: 12 * 3_600_000,
  sessionMs: 7 * 86_400_000,
};

/** Dashboard over a store in memory, with a clock that the test sets. */
export class FakeDashboard {
  readonly store: Store;
  readonly control = new FakeControl();
  readonly redactor = new Redactor();
  readonly errors: unknown[] = [];
  readonly accesses: string[] = [];
  readonly dashboard: Dashboard;
  broken: CurrentStandings['broken'] = [];
  budgetExceeded: string | undefined;
  now = NOON;
  monotonicMs = 0;
  drills = DRILLS;
  port = 8377;

  constructor(changes: Partial<DashboardDeps> = {}, store: Store = createMemoryStore()) {
    this.store = store;
    const clock = { now: () => this.now, monotonicMs: () => this.monotonicMs };
    const standings = () => readStandings(this.store, this.drills, this.now);
    this.dashboard = createDashboard({
      store: () => this.store,
      standings: async () => {
        const { broken, budgetExceeded } = this;
        return { ...(await standings()), broken, budgetExceeded };
      },
      reports: createReports({
        store: () => this.store,
        standings: async () => (await standings()).drills,
        clock,
        version: '0.1.0',
        redact: (text) => this.redactor.redact(text),
      }),
      control: this.control,
      nextRunOf: (_, now) => new Date(now.getTime() + 15 * 3_600_000),
      runbooks: createRunbookReader(fileURLToPath(new URL('../../runbooks/', import.meta.url))),
      clock,
      redact: (text) => this.redactor.redact(text),
      access: ACCESS,
      listen: { host: '127.0.0.1', port: 8377 },
      publicUrl: undefined,
      version: '0.1.0',
      onError: (error) => this.errors.push(error),
      onAccess: (message) => this.accesses.push(message),
      ...changes,
    });
  }

  async fill(): Promise<this> {
    await record(this.store, history());
    return this;
  }

  /** @returns the token. */
  async addToken(name: string, role: Role): Promise<string> {
    const token = makeToken();
    await this.store.addToken({ id: name, name, role, createdAt: this.now, hash: hashSecret(token) });
    return token;
  }

  /** Sends requests as a browser on this machine does, unless the headers or the peer say otherwise. */
  async ask(
    path: string,
    {
      peer = '127.0.0.1',
      headers = {},
      ...init
    }: RequestInit & { peer?: string; headers?: Record<string, string> } = {},
  ): Promise<Response> {
    const host = headers['host'] ?? 'localhost:8377';
    const request = new Request(`http://${host}${path}`, {
      redirect: 'manual',
      ...init,
      headers: { host, ...headers },
    });
    return this.dashboard.fetch(request, { incoming: { socket: { remoteAddress: peer } } });
  }

  /** Posts a form of one of our pages as a browser does. */
  async post(
    path: string,
    form: Record<string, string>,
    options: { cookie?: string; headers?: Record<string, string>; peer?: string } = {},
  ): Promise<Response> {
    const headers = {
      origin: 'http://localhost:8377',
      'content-type': 'application/x-www-form-urlencoded',
      ...(options.cookie === undefined ? {} : { cookie: options.cookie }),
      ...options.headers,
    };
    const body = new URLSearchParams(form).toString();
    return this.ask(path, {
      method: 'POST',
      body,
      headers,
      ...(options.peer === undefined ? {} : { peer: options.peer }),
    });
  }

  /** @returns the cookie of a new session. */
  async signIn(token: string): Promise<string> {
    const answer = await this.post('/signin', { token });
    return (answer.headers.getSetCookie()[0] ?? '').split(';')[0] ?? '';
  }

  /** Fields of a form of the page. */
  async formOf(path: string, cookie?: string): Promise<string> {
    const page = await (await this.ask(path, { headers: cookie === undefined ? {} : { cookie } })).text();
    return /name="form" value="([^"]+)"/.exec(page)?.[1] ?? '';
  }
}
