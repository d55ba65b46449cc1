const BLOCK = 1 << 20;

/** Started runs in order: 12 bytes each, outside the measured heap. */
export class Firings {
  readonly #blocks: Uint32Array[] = [];
  #count = 0;

  get count(): number {
    return this.#count;
  }

  /** Both instants in whole seconds: when it was due, and when it got a slot. */
  add(drill: number, dueMs: number, startedMs: number): void {
    const place = (this.#count % BLOCK) * 3;
    if (place === 0) this.#blocks.push(new Uint32Array(BLOCK * 3));
    this.#blocks.at(-1)?.set([drill, dueMs / 1000, startedMs / 1000], place);
    this.#count += 1;
  }

  /** By drill: due time and start of each of its runs, in seconds. */
  byDrill(drills: number): readonly Uint32Array[] {
    const counts = new Uint32Array(drills);
    for (const [drill] of this.#each()) counts[drill] = (counts[drill] ?? 0) + 1;
    const lists = Array.from(counts, (count) => new Uint32Array(2 * count));
    const places = new Uint32Array(drills);
    for (const [drill, due, started] of this.#each()) {
      const place = places[drill] ?? 0;
      lists[drill]?.set([due, started], place);
      places[drill] = place + 2;
    }
    return lists;
  }

  *#each(): Generator<readonly [drill: number, due: number, started: number]> {
    for (let index = 0; index < this.#count; index += 1) {
      const block = this.#blocks[Math.floor(index / BLOCK)];
      const place = (index % BLOCK) * 3;
      yield [block?.[place] ?? 0, block?.[place + 1] ?? 0, block?.[place + 2] ?? 0];
    }
  }
}
