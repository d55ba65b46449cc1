import { EventTooShort } from './read-bytes.ts';
import { LogFileError, type LogPlace } from './read-errors.ts';

/** Buffer errors for bytes that end before the announced length. */
const OUT_OF_BOUNDS = new Set<unknown>(['ERR_OUT_OF_RANGE', 'ERR_BUFFER_OUT_OF_BOUNDS', 'ERR_BUFFER_TOO_LARGE']);

/** @returns `log-damaged` in place of an error in reading an event's bytes; any other error unchanged. */
export function asMalformed(error: unknown, place: LogPlace): unknown {
  if (error instanceof LogFileError || !(error instanceof Error)) return error;
  const code = 'code' in error ? error.code : undefined;
  if (typeof code === 'string' && /^Z_[A-Z]+_ERROR$/.test(code))
    return new LogFileError('malformed', place, 'the event cannot be decompressed', error);
  if (error instanceof EventTooShort || OUT_OF_BOUNDS.has(code))
    return new LogFileError('malformed', place, 'the event does not hold what its type announces', error);
  return error;
}
