import type { BoltHeader } from './header.ts';
import { readBranch, readLeaf, readPageHeader } from './page.ts';
import { Revisions } from './revisions.ts';

/** Memory limit for multi-page nodes and leaves of small buckets. */
const HELD_BYTES = 64 * 2 ** 20;
const HELD_REFERENCES = 4 * 2 ** 20;

interface OpenPage {
  readonly id: number;
  readonly kind: 'branch' | 'leaf';
  readonly bytes: Buffer;
  filled: number;
}

/** A run of consecutive revisions. */
export interface RevisionRange {
  readonly first: number;
  readonly count: number;
}

/**
 * Reads the pages of a bbolt file in stored order, and keeps what is needed to walk its trees. Pages that are no longer in use are kept as well: only the walk
 * can tell which are.
 */
export class PageReader {
  readonly revisions = new Revisions();
  readonly #header: BoltHeader;
  readonly #heldReferences: number;
  readonly #page: Buffer;
  #filled = 0;
  #next = 0;
  #held = 0;
  #references = 0;
  #open: OpenPage[] = [];
  readonly #branches = new Map<number, readonly number[]>();
  /** The first revision of a leaf and its number of revisions, packed into one number. */
  readonly #ranges = new Map<number, number>();
  readonly #leaves = new Map<number, Buffer>();

  /** @param heldReferences maximum number of references kept from branches to the pages below them. */
  constructor(header: BoltHeader, heldReferences = HELD_REFERENCES) {
    this.#header = header;
    this.#heldReferences = heldReferences;
    this.#page = Buffer.alloc(header.pageSize);
  }

  push(chunk: Buffer): void {
    for (let at = 0; at < chunk.length; ) {
      const copied = chunk.copy(this.#page, this.#filled, at);
      at += copied;
      this.#filled += copied;
      if (this.#filled < this.#page.length) return;
      this.#takePage(this.#next);
      this.#next += 1;
      this.#filled = 0;
    }
  }

  /** Whether the file has more than can be kept. The rest is then not read. */
  get isOver(): boolean {
    return this.revisions.isOver || this.#references > this.#heldReferences;
  }

  branch(id: number): readonly number[] | undefined {
    return this.#branches.get(id);
  }

  /** A leaf of the bucket `key`. */
  range(id: number): RevisionRange | undefined {
    const packed = this.#ranges.get(id);
    return packed === undefined ? undefined : { first: Math.floor(packed / 2 ** 16), count: packed % 2 ** 16 };
  }

  /** A leaf of another bucket. */
  leaf(id: number): Buffer | undefined {
    return this.#leaves.get(id);
  }

  #takePage(id: number): void {
    if (this.isOver) return;
    const stillOpen: OpenPage[] = [];
    for (const open of this.#open) {
      open.filled += this.#page.copy(open.bytes, open.filled);
      if (open.filled < open.bytes.length) stillOpen.push(open);
      else this.#take(open.id, open.kind, open.bytes);
    }
    for (const open of this.#open) if (!stillOpen.includes(open)) this.#held -= open.bytes.length;
    this.#open = stillOpen;
    const header = readPageHeader(this.#page, id);
    if (!header || id + header.span > this.#header.pages) return;
    if (header.span === 1) {
      this.#take(id, header.kind, this.#page);
      return;
    }
    const size = header.span * this.#page.length;
    if (this.#held + size > HELD_BYTES) return;
    this.#held += size;
    const bytes = Buffer.alloc(size);
    this.#open.push({ id, kind: header.kind, bytes, filled: this.#page.copy(bytes) });
  }

  #take(id: number, kind: OpenPage['kind'], page: Buffer): void {
    if (kind === 'branch') {
      const children = readBranch(page);
      if (!children) return;
      this.#references += 1 + children.length;
      this.#branches.set(id, children);
      return;
    }
    const elements = readLeaf(page);
    if (!elements) return;
    const first = this.revisions.count;
    if (this.revisions.add(elements)) {
      this.#ranges.set(id, first * 2 ** 16 + elements.length);
      return;
    }
    if (this.#held + page.length > HELD_BYTES) return;
    this.#held += page.length;
    this.#leaves.set(id, Buffer.from(page));
  }
}
