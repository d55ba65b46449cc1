import { Agent, type ClientRequestArgs } from 'node:http';
import { connect, type NetConnectOpts, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';

const SOCKET_BUFFER_BYTES = 2 ** 18;

/**
 * An agent for plain HTTP whose sockets read into one buffer each, over and over: Node would allocate 64 KiB for each read, and
 * its HTTP parser copies out of that all the same. A gigabyte from a gateway nearby costs 1.0 s of CPU so, and 1.7 s otherwise.
 */
export class ReusingAgent extends Agent {
  readonly #buffers = new WeakSet<ArrayBufferLike>();

  /**
   * @returns true for a chunk that lies in a socket's buffer and will be overwritten: the parser did not copy it. No release of
   * Node does so; one that did must not corrupt a restore in silence.
   */
  isReused(chunk: Buffer): boolean {
    return this.#buffers.has(chunk.buffer);
  }

  override createConnection(
    options: ClientRequestArgs,
    onCreate?: (error: Error | null, socket: Duplex) => void,
  ): Duplex | null | undefined {
    const buffer = Buffer.allocUnsafeSlow(SOCKET_BUFFER_BYTES);
    this.#buffers.add(buffer.buffer);
    const socket: Socket = connect({
      ...(options as NetConnectOpts),
      onread: {
        buffer,
        callback: (bytes) => {
          socket.emit('data', buffer.subarray(0, bytes)); // to the HTTP client a chunk like any other
          return !socket.isPaused();
        },
      },
    });
    void onCreate; // only wanted by agents that return nothing
    return socket;
  }
}
