import { isIPv6 } from 'node:net';

/**
 * The key that limits use to identify a peer: an IPv4 address, or the first 64 bits of an IPv6 address, since one machine may own all of a /64.
 * @param address as reported by a socket; an IPv4 address mapped into IPv6 counts as IPv4.
 */
export function peerKeyOf(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  const bare = address.replace(/%.*$/, '');
  if (!isIPv6(bare)) return bare;
  const [head = '', tail] = bare.split('::');
  const front = head === '' ? [] : head.split(':');
  const back = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - front.length - back.length);
  return [...front, ...Array.from({ length: zeros }, () => '0'), ...back].slice(0, 4).join(':');
}
