/** A session that loads, as opened by its engine, and how many of the dump's settings it has applied. */
export interface Lane<Session> {
  readonly client: Session;
  settingsApplied: number;
}

export interface Task<Session> {
  /** Tables that it uses. Two tasks with a table in common run in order, unless both are shared. */
  readonly tables: readonly string[];
  readonly shared: boolean;
  /** The task that takes longest starts first. */
  readonly cost: number;
  readonly sizeBytes: number;
  /** Records its own failures; a rejection ends the load. */
  readonly run: (lane: Lane<Session>) => Promise<void>;
}

/** Looking ahead any further costs more than it gains. */
const LOOK_AHEAD = 200;
const MAX_WAITING_BYTES = 8 * 2 ** 20;
const MAX_WAITING = 2000;

/** Runs tasks on several sessions at once, in order where order matters. There is no polling: the end of each task starts the next. */
export class Lanes<Session> {
  private readonly open: () => Promise<Lane<Session>>;
  private readonly limit: number;
  private readonly idle: Lane<Session>[] = [];
  private readonly all: Lane<Session>[] = [];
  private readonly waiting: Task<Session>[] = [];
  private readonly running = new Set<Task<Session>>();
  private opening = 0;
  private waitingBytes = 0;
  /** Rejects if a session could not be opened, since tasks that wait for one would never run, and if a task rejects. */
  readonly failed: Promise<never>;
  private failure: unknown;
  private readonly fail: (error: unknown) => void;
  private listeners: (() => void)[] = [];

  constructor(limit: number, open: () => Promise<Lane<Session>>) {
    this.limit = limit;
    this.open = open;
    const { promise, reject } = Promise.withResolvers<never>();
    this.failed = promise;
    this.failed.catch(() => undefined); // handled by callers that wait for it
    this.fail = (error) => {
      this.failure ??= error;
      reject(error);
      this.notify();
    };
  }

  get lanes(): readonly Lane<Session>[] {
    return this.all;
  }

  get isQuiet(): boolean {
    return this.running.size === 0 && this.waiting.length === 0;
  }

  get remaining(): number {
    return this.running.size + this.waiting.length;
  }

  /** @returns a promise to wait for if many tasks are queued already. */
  submit(task: Task<Session>): Promise<void> | undefined {
    this.waiting.push(task);
    this.waitingBytes += task.sizeBytes;
    this.startRunnable();
    const isFull = (): boolean => this.waiting.length > MAX_WAITING || this.waitingBytes > MAX_WAITING_BYTES;
    return isFull() ? this.until(() => !isFull()) : undefined;
  }

  /** Waits until all submitted tasks are done. */
  async drain(): Promise<void> {
    if (this.failure) throw this.failure;
    if (!this.isQuiet) await this.until(() => this.isQuiet);
  }

  /** Opens the maximum number of sessions at once. */
  async openAll(): Promise<void> {
    await Promise.all(Array.from({ length: this.limit - this.all.length - this.opening }, () => this.add(true)));
  }

  /** The first session, for tasks that run alone; call only when no task is running. */
  async main(): Promise<Lane<Session>> {
    return this.all[0] ?? (await this.add(false));
  }

  /** Hands all sessions over to the caller, who closes them. */
  release(): Lane<Session>[] {
    this.idle.length = 0;
    return this.all.splice(0);
  }

  /** Hands all sessions except the first over to the caller; call only when no task is running. */
  releaseOthers(): Lane<Session>[] {
    const others = this.all.splice(1);
    this.idle.splice(0, this.idle.length, ...this.all);
    return others;
  }

  private until(isMet: () => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const check = (): boolean => {
        if (this.failure) reject(this.failure);
        else if (isMet()) resolve();
        else return false;
        return true;
      };
      const listener = (): void => {
        if (!check()) this.listeners.push(listener);
      };
      listener();
    });
  }

  private notify(): void {
    const told = this.listeners;
    this.listeners = [];
    for (const listener of told) listener();
  }

  private startRunnable(): void {
    for (;;) {
      const task = this.choose();
      if (!task) return;
      const lane = this.idle.pop();
      if (!lane) {
        if (this.all.length + this.opening < this.limit) this.addIdle();
        return;
      }
      this.waiting.splice(this.waiting.indexOf(task), 1);
      this.waitingBytes -= task.sizeBytes;
      this.running.add(task);
      const onEnded = (): void => {
        this.running.delete(task);
        this.idle.push(lane);
        this.startRunnable();
        this.notify();
      };
      void task.run(lane).then(onEnded, (error: unknown) => {
        this.fail(error);
        onEnded();
      });
    }
  }

  /** The most expensive task that no earlier task blocks. */
  private choose(): Task<Session> | undefined {
    const held = new Map<string, 'shared' | 'exclusive'>();
    const hold = (task: Task<Session>): void => {
      for (const table of task.tables)
        held.set(table, task.shared && held.get(table) !== 'exclusive' ? 'shared' : 'exclusive');
    };
    for (const task of this.running) hold(task);
    let best: Task<Session> | undefined;
    for (const task of this.waiting.slice(0, LOOK_AHEAD)) {
      const isFree = task.tables.every((table) => !held.has(table) || (task.shared && held.get(table) === 'shared'));
      if (isFree && (!best || task.cost > best.cost)) best = task;
      hold(task);
    }
    return best;
  }

  private addIdle(): void {
    this.add(true).then(
      () => this.startRunnable(),
      (error: unknown) => this.fail(error),
    );
  }

  private async add(isIdle: boolean): Promise<Lane<Session>> {
    this.opening += 1;
    try {
      const lane = await this.open();
      this.all.push(lane);
      this.idle.push(lane);
      return lane;
    } finally {
      this.opening -= 1;
      if (!isIdle) this.startRunnable();
    }
  }
}
