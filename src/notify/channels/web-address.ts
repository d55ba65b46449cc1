import { isWebAddress } from '../../config/fields.ts';
import type { ChannelReading } from '../channel-kind.ts';

/** @returns the URL, or undefined when it is not one. The report leaves the value out, because it may be the secret itself. */
export function checkUrl(url: string | undefined, what: string, { report }: ChannelReading): string | undefined {
  if (url === undefined) return undefined;
  if (isWebAddress(url)) return url;
  report(['url'], `must be ${what} that begins with https:// or http://; the value is not`);
  return undefined;
}
