import type { Socket } from 'node:net';
import { peerKeyOf } from '../support/peer-key.ts';

export interface PeerLimitOptions {
  /** Connections in all that may ask for anything. */
  readonly total: number;
  /** Of one peer. */
  readonly perPeer: number;
  /** Beyond these, connections that may ask for health only. */
  readonly healthOnly: number;
}

/**
 * Shares out connections, so that one peer does not keep the others out. A peer is an address, or a /64 of IPv6. Where a share is used up, the
 * connection that has waited longest for a request is closed for the new one; where all are at work, the new one may ask for health only.
 */
export class PeerLimits {
  readonly #options: PeerLimitOptions;
  /** In the order in which they began to wait. */
  readonly #idle = new Set<Socket>();
  readonly #peers = new Map<Socket, string>();
  readonly #healthOnly = new Set<Socket>();

  constructor(options: PeerLimitOptions) {
    this.#options = options;
  }

  /** Whether this connection may ask for health only. */
  isHealthOnly(socket: Socket): boolean {
    return this.#healthOnly.has(socket);
  }

  /** A new connection: makes room for it, or destroys it. */
  admit(socket: Socket): void {
    const peer = peerKeyOf(socket.remoteAddress ?? '');
    this.#peers.set(socket, peer);
    this.#idle.add(socket);
    socket.once('close', () => this.#forget(socket));
    if (!this.#makeRoom(socket, peer)) this.#healthOnly.add(socket);
    if (this.#healthOnly.size > this.#options.healthOnly) this.#closeHealthOnly(socket);
  }

  /** A request has begun on it. */
  busy(socket: Socket): void {
    this.#idle.delete(socket);
  }

  /** Its request was answered. */
  idle(socket: Socket): void {
    if (!socket.destroyed && this.#peers.has(socket)) this.#idle.add(socket);
  }

  #makeRoom(socket: Socket, peer: string): boolean {
    const { perPeer, total } = this.#options;
    const isFull = () => this.#count(peer) > perPeer || this.#count(undefined) > total;
    while (isFull()) {
      const crowd = this.#count(peer) > perPeer ? peer : this.#mostIdlePeer();
      const victim = [...this.#idle].find((one) => one !== socket && this.#counts(one, crowd));
      if (!victim) return false;
      this.#forget(victim);
      victim.destroy();
    }
    return true;
  }

  /** @param peer undefined: of all. */
  #count(peer: string | undefined): number {
    let count = 0;
    for (const socket of this.#peers.keys()) if (this.#counts(socket, peer)) count += 1;
    return count;
  }

  #counts(socket: Socket, peer: string | undefined): boolean {
    return !this.#healthOnly.has(socket) && (peer === undefined || this.#peers.get(socket) === peer);
  }

  #mostIdlePeer(): string | undefined {
    const idle = [...this.#idle].filter((socket) => !this.#healthOnly.has(socket));
    const byPeer = Map.groupBy(idle, (socket) => this.#peers.get(socket) ?? '');
    const [most] = [...byPeer].toSorted(([, a], [, b]) => b.length - a.length);
    return most?.[0];
  }

  /** The new one where all others are at work. */
  #closeHealthOnly(latest: Socket): void {
    const victim = [...this.#healthOnly].find((socket) => this.#idle.has(socket) && socket !== latest) ?? latest;
    this.#forget(victim);
    victim.destroy();
  }

  #forget(socket: Socket): void {
    this.#idle.delete(socket);
    this.#peers.delete(socket);
    this.#healthOnly.delete(socket);
  }
}
