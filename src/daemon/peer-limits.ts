import type { Socket } from 'node:net';
import { peerKeyOf } from '../support/peer-key.ts';

export interface PeerLimitOptions {
  /** Total number of connections that may request anything. */
  readonly total: number;
  /** The limit for one peer. */
  readonly perPeer: number;
  /** Number of further connections that may only request health. */
  readonly healthOnly: number;
}

/**
 * Limits connections, so that one peer cannot lock out the others. A peer is an address, or an IPv6 /64. When a limit is reached, the connection that has been
 * idle longest is closed for the new one; if all are busy, the new one may only request health.
 */
export class PeerLimits {
  readonly #options: PeerLimitOptions;
  /** Ordered by when they became idle. */
  readonly #idle = new Set<Socket>();
  readonly #peers = new Map<Socket, string>();
  readonly #healthOnly = new Set<Socket>();

  constructor(options: PeerLimitOptions) {
    this.#options = options;
  }

  /** Whether this connection may only request health. */
  isHealthOnly(socket: Socket): boolean {
    return this.#healthOnly.has(socket);
  }

  /** Registers a new connection: makes room for it or destroys it. */
  admit(socket: Socket): void {
    const peer = peerKeyOf(socket.remoteAddress ?? '');
    this.#peers.set(socket, peer);
    this.#idle.add(socket);
    socket.once('close', () => this.#forget(socket));
    if (!this.#makeRoom(socket, peer)) this.#healthOnly.add(socket);
    if (this.#healthOnly.size > this.#options.healthOnly) this.#closeHealthOnly(socket);
  }

  /** Marks a connection as having a request in progress. */
  busy(socket: Socket): void {
    this.#idle.delete(socket);
  }

  /** Marks a connection as idle after its response. */
  idle(socket: Socket): void {
    if (!socket.destroyed && this.#peers.has(socket)) this.#idle.add(socket);
  }

  #makeRoom(socket: Socket, peer: string): boolean {
    const { perPeer, total } = this.#options;
    const isFull = () => this.#count(peer) > perPeer || this.#count(undefined) > total;
    while (isFull()) {
      const crowdedPeer = this.#count(peer) > perPeer ? peer : this.#mostIdlePeer();
      const victim = [...this.#idle].find((one) => one !== socket && this.#counts(one, crowdedPeer));
      if (!victim) return false;
      this.#forget(victim);
      victim.destroy();
    }
    return true;
  }

  /** @param peer undefined: all peers. */
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

  /** Closes the new connection if all others are busy. */
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
