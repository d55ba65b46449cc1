/**
 * Items by time, soonest first: a binary heap with an index of positions, so that any item can be moved or removed, and removed items
 * do not stay in memory. Each method takes time logarithmic in the number of items.
 */
export class Heap<Item> {
  readonly #nodes: Node<Item>[] = [];
  readonly #places = new Map<Item, number>();

  get size(): number {
    return this.#nodes.length;
  }

  /** The soonest item; among several at the same time, any of them. */
  get first(): Node<Item> | undefined {
    return this.#nodes[0];
  }

  /** Adds the item, or moves it. */
  set(item: Item, atMs: number): void {
    const node = { item, atMs };
    const place = this.#places.get(item) ?? this.#nodes.length;
    this.#put(node, place);
    this.#sift(node, place);
  }

  /** Does nothing if the item is not in the heap. */
  delete(item: Item): void {
    const place = this.#places.get(item);
    if (place === undefined) return;
    this.#places.delete(item);
    const last = this.#nodes.pop();
    if (last === undefined || last.item === item) return;
    this.#put(last, place);
    this.#sift(last, place);
  }

  #sift(node: Node<Item>, from: number): void {
    const place = this.#up(node, from);
    if (place === from) this.#down(node, place);
  }

  #up(node: Node<Item>, from: number): number {
    let place = from;
    while (place > 0) {
      const above = (place - 1) >> 1;
      const parent = this.#nodes[above];
      if (!parent || parent.atMs <= node.atMs) break;
      this.#put(parent, place);
      place = above;
    }
    if (place !== from) this.#put(node, place);
    return place;
  }

  #down(node: Node<Item>, from: number): void {
    let place = from;
    for (;;) {
      const below = this.#soonerChild(place);
      const child = this.#nodes[below];
      if (!child || child.atMs >= node.atMs) break;
      this.#put(child, place);
      place = below;
    }
    if (place !== from) this.#put(node, place);
  }

  #soonerChild(place: number): number {
    const left = 2 * place + 1;
    const [one, other] = [this.#nodes[left], this.#nodes[left + 1]];
    return one && other && other.atMs < one.atMs ? left + 1 : left;
  }

  #put(node: Node<Item>, place: number): void {
    this.#nodes[place] = node;
    this.#places.set(node.item, place);
  }
}

export interface Node<Item> {
  readonly item: Item;
  readonly atMs: number;
}
