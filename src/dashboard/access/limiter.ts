import { LRUCache } from 'lru-cache';
import type { Clock } from '../../support/clock.ts';
import { peerKeyOf } from '../../support/peer-key.ts';

export interface LimiterOptions {
  readonly clock: Pick<Clock, 'monotonicMs'>;
  /** Number of attempts that may fail in a row; one more is allowed every `refillMs`. */
  readonly perPeer: number;
  readonly inAll: number;
  readonly refillMs: number;
  /** The largest number of peers remembered, so that requests from many addresses cannot exhaust memory. */
  readonly maxPeers?: number;
}

interface Bucket {
  left: number;
  atMs: number;
}

/** Rate-limits failed sign-ins. A peer is an IPv4 address or an IPv6 /64, because one machine may own a whole /64. */
export class SignInLimiter {
  readonly #options: LimiterOptions;
  readonly #peers: LRUCache<string, Bucket>;
  readonly #all: Bucket;

  constructor(options: LimiterOptions) {
    this.#options = options;
    this.#peers = new LRUCache({ max: options.maxPeers ?? 1000 });
    this.#all = { left: options.inAll, atMs: options.clock.monotonicMs() };
  }

  /** @returns how long this peer must wait, in milliseconds; 0: it may try now. */
  waitMs(address: string): number {
    const { perPeer, inAll } = this.#options;
    const peer = this.#peers.peek(peerKeyOf(address));
    return Math.max(peer ? this.#lackMs(peer, perPeer) : 0, this.#lackMs(this.#all, inAll));
  }

  failed(address: string): void {
    const { perPeer, inAll, clock } = this.#options;
    const key = peerKeyOf(address);
    const bucket = this.#peers.get(key) ?? { left: perPeer, atMs: clock.monotonicMs() };
    this.#refill(bucket, perPeer).left -= 1;
    this.#refill(this.#all, inAll).left -= 1;
    this.#peers.set(key, bucket);
  }

  #lackMs(bucket: Bucket, most: number): number {
    const { left } = this.#refill(bucket, most);
    return left >= 1 ? 0 : Math.ceil((1 - left) * this.#options.refillMs);
  }

  #refill(bucket: Bucket, most: number): Bucket {
    const nowMs = this.#options.clock.monotonicMs();
    bucket.left = Math.min(most, bucket.left + (nowMs - bucket.atMs) / this.#options.refillMs);
    bucket.atMs = nowMs;
    return bucket;
  }
}
