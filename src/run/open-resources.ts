/** Resources that are closed together, in reverse order. If one fails to close, the others are still closed. */
export class OpenResources implements Disposable {
  readonly #stack = new DisposableStack();
  readonly #onError: (thrown: unknown) => void;

  /** @param onError receives what a `close` throws; if omitted, disposing throws it once all are closed. */
  constructor(onError: (thrown: unknown) => void = rethrow) {
    this.#onError = onError;
  }

  /** @returns the resource. It is closed at once when the others have already been closed. */
  add<T extends { close(): void }>(resource: T): T {
    const close = () => {
      try {
        resource.close();
      } catch (thrown) {
        this.#onError(thrown);
      }
    };
    if (this.#stack.disposed) close();
    else this.#stack.defer(close);
    return resource;
  }

  [Symbol.dispose](): void {
    this.#stack.dispose();
  }
}

function rethrow(thrown: unknown): never {
  throw thrown;
}
