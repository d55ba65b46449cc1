import { BlockList, isIP, isIPv6 } from 'node:net';
import type { Context } from 'hono';
import type { AddressRange } from '../../config/access-schema.ts';

/** The context that @hono/node-server passes along with a request. */
interface NodeBindings {
  readonly incoming?: { readonly socket?: { readonly remoteAddress?: string } };
}

/** The remote address of the connection, never taken from a header. Empty when unknown. */
export function peerOf(context: Context): string {
  const { incoming } = (context.env ?? {}) as NodeBindings;
  return (incoming?.socket?.remoteAddress ?? '').replace(/^::ffff:(?=\d+\.)/, '').replace(/%.*$/, '');
}

/** @returns whether an address lies in one of the ranges. */
export function isWithin(ranges: readonly AddressRange[], address: string): boolean {
  if (isIP(address) === 0) return false;
  let list = lists.get(ranges);
  if (!list) {
    list = new BlockList();
    for (const range of ranges) list.addSubnet(range.address, range.prefix, range.family);
    lists.set(ranges, list);
  }
  return list.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
}

/** Settings are immutable and every request needs a lookup, so the lists are cached. */
const lists = new WeakMap<readonly AddressRange[], BlockList>();

const LOOPBACK: readonly AddressRange[] = [
  { address: '127.0.0.0', prefix: 8, family: 'ipv4' },
  { address: '::1', prefix: 128, family: 'ipv6' },
];

/** Accepts an address or a name without a port, as in settings and `Host` headers. */
export function isLoopback(host: string): boolean {
  const bare = host.replace(/^\[(.*)\]$/, '$1').toLowerCase();
  return bare === 'localhost' || isWithin(LOOPBACK, bare);
}

/** `pages.example.com:8377` → `pages.example.com`; undefined if it is not a valid host. */
export function hostnameOf(host: string | undefined): string | undefined {
  const match = /^(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::\d{1,5})?$/i.exec(host ?? '');
  return match?.[1]?.toLowerCase();
}
