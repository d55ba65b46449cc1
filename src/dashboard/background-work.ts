/** Work done in the background for pages that must not wait, one piece at a time. */
export class BackgroundWork {
  readonly #onError: (error: unknown) => void;
  readonly #closed = new AbortController();
  #inProgress: Promise<void> | undefined;

  /** @param onError receives what the work throws before {@link close}. */
  constructor(onError: (error: unknown) => void) {
    this.#onError = onError;
  }

  get isBusy(): boolean {
    return this.#inProgress !== undefined;
  }

  /** Starts the work; does nothing while earlier work is in progress. @param work ends when its signal aborts. */
  start(work: (signal: AbortSignal) => Promise<void>): void {
    if (this.isBusy) return;
    const { signal } = this.#closed;
    this.#inProgress = work(signal)
      .catch((error: unknown) => {
        if (!signal.aborted) this.#onError(error);
      })
      .finally(() => {
        this.#inProgress = undefined;
      });
  }

  /** Resolves when no work is in progress. */
  async settled(): Promise<void> {
    await this.#inProgress;
  }

  close(): void {
    this.#closed.abort();
  }
}
