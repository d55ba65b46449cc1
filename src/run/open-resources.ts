/** Resources that are closed together, in reverse order. One that fails to close keeps no other open. */
export class OpenResources implements Disposable {
  readonly #stack = new DisposableStack();
  readonly #onError: (thrown: unknown) => void;

  /** @param onError receives what a `close` throws; without it, disposing throws that once all are closed. */
  constructor(onError: (thrown: unknown) => void = rethrow) {
    this.#onError = onError;
  }

  /** @returns the resource. It is closed at once when the others have been closed already. */
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
