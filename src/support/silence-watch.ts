/** The most that counts of the time between two looks: while the store did not answer this process, it may not have answered the other one either. */
const LOOK_MS = 6000;

/**
 * How long others have sent no heartbeat, by this machine's clock alone: what matters is how long what a heartbeat writes has not changed, not what it says,
 * so clocks need not agree. To be looked at every few seconds.
 */
export class SilenceWatch {
  private seen: ReadonlyMap<string, { readonly beat: number; readonly silentMs: number }> = new Map();
  private lookedAtMs: number | undefined;

  /**
   * @param beats what each one's last heartbeat has written, by its name. @param nowMs of a monotonic clock.
   * @returns whether one is gone that was there at the last look.
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

  /** @returns how long it has been silent as of the last {@link look}, in ms; 0 when it has written another `beat` since. */
  silentMs(name: string, beat: number): number {
    const seen = this.seen.get(name);
    return seen?.beat === beat ? seen.silentMs : 0;
  }
}
