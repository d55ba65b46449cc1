/**
 * Maximum time between two calls of `look` that counts as silence, in milliseconds: while the store did not answer this process, it may not have answered the
 * other one either.
 */
const LOOK_MS = 6000;

/**
 * How long other processes have sent no heartbeat, measured by this machine's clock only: what matters is how long the written value has not changed, not what
 * it is, so clocks need not agree. Call `look` every few seconds.
 */
export class SilenceWatch {
  private seen: ReadonlyMap<string, { readonly beat: number; readonly silentMs: number }> = new Map();
  private lookedAtMs: number | undefined;

  /**
   * @param beats the value written by each one's last heartbeat, by name. @param nowMs of a monotonic clock.
   * @returns whether any of them has disappeared since the last call.
   */
  look(beats: ReadonlyMap<string, number>, nowMs: number): boolean {
    const elapsedMs = Math.min(nowMs - (this.lookedAtMs ?? nowMs), LOOK_MS);
    const before = this.seen;
    this.lookedAtMs = nowMs;
    this.seen = new Map(
      [...beats].map(([name, beat]) => {
        const last = before.get(name);
        return [name, { beat, silentMs: last?.beat === beat ? last.silentMs + elapsedMs : 0 }];
      }),
    );
    return [...before.keys()].some((name) => !this.seen.has(name));
  }

  /** @returns how long it has been silent as of the last {@link look}, in ms; 0 if it has written another `beat` since. */
  silentMs(name: string, beat: number): number {
    const seen = this.seen.get(name);
    return seen?.beat === beat ? seen.silentMs : 0;
  }
}
