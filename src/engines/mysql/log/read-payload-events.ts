import { type BinaryLogEvent, EVENT, type EventPlace, isLong } from './event-types.ts';
import { EventBytes, EventTooShort } from './read-bytes.ts';
import type { EventReader } from './read-event.ts';
import { HEADER_BYTES, readHeader } from './read-format.ts';
import type { ByteQueue } from './read-queue.ts';

/** In bytes: how much of the beginning of a longer event in a compressed transaction is retained. */
const KEPT_BYTES = 2 ** 24;
const MAX_IN_BATCH = 500;

/**
 * The events of a compressed transaction: they have no checksums or positions of their own.
 * @param place of the event that contains them. @throws EventTooShort
 */
export async function* readPayloadEvents(
  queue: ByteQueue,
  place: EventPlace,
  events: EventReader,
): AsyncGenerator<readonly BinaryLogEvent[]> {
  let batch: BinaryLogEvent[] = [];
  for (;;) {
    const head = queue.takeNow(HEADER_BYTES) ?? (await queue.take(HEADER_BYTES));
    if (head.length === 0) break;
    if (head.length < HEADER_BYTES)
      throw new EventTooShort('a compressed transaction ends within the header of an event');
    const { code, seconds, serverId, length } = readHeader(head);
    if (code === EVENT.transactionPayload || code === EVENT.formatDescription || length < HEADER_BYTES)
      throw new EventTooShort(`a compressed transaction holds an event of type ${code} with ${length} bytes`);
    const bodyBytes = length - HEADER_BYTES;
    const kept = Math.min(bodyBytes, KEPT_BYTES);
    const body = queue.takeNow(kept) ?? (await queue.take(kept));
    const skipped = await skip(queue, bodyBytes - kept);
    if (body.length < kept || !skipped) throw new EventTooShort('a compressed transaction ends within an event');
    const event = events.read(code, { ...place, seconds, serverId }, new EventBytes(body), bodyBytes > kept);
    if (event) batch.push(event);
    if (batch.length < MAX_IN_BATCH && !isLong(event)) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

async function skip(queue: ByteQueue, count: number): Promise<boolean> {
  for (let missing = count; missing > 0; ) {
    const piece = await queue.takeSome(missing);
    if (piece.length === 0) return false;
    missing -= piece.length;
  }
  return true;
}
