import { describe, expect, it } from 'vitest';
import { parseRange } from '../../src/config/access-schema.ts';
import { loadSettings } from '../../src/config/settings.ts';
import { type DrillError, formatError } from '../../src/support/errors.ts';
import { workspace } from './loading.ts';

async function accessOf(text: string) {
  return (await loadSettings({ cwd: await workspace({ 'firedrill.yaml': text }), env: { SHORT: 'abc' } })).access;
}

describe('access settings', () => {
  it('define which users a proxy may sign in, from where, and with which role', async () => {
    const text =
      'access: { proxyHeader: X-Forwarded-User, proxyFrom: [127.0.0.1/32, "fd00::/8"], proxyOperators: [alice], idle: 1h, session: 1d, loopback: sign-in }';
    expect(await accessOf(text)).toEqual({
      loopback: 'sign-in',
      proxy: {
        header: 'X-Forwarded-User',
        from: [
          { address: '127.0.0.1', prefix: 32, family: 'ipv4' },
          { address: 'fd00::', prefix: 8, family: 'ipv6' },
        ],
        role: 'viewer',
        operators: ['alice'],
      },
      badges: { isPublic: false, keyHash: undefined },
      idleMs: 3_600_000,
      sessionMs: 86_400_000,
    });
  });

  it.each([
    [
      '{ proxyHeader: X-Forwarded-User }',
      'access.proxyFrom: is missing: proxyHeader is trusted from listed addresses only',
    ],
    ['{ proxyFrom: ["::1"] }', 'access.proxyFrom: has no effect without proxyHeader'],
    ['{ proxyHeader: "X User", proxyFrom: ["::1"] }', 'must be the name of a header such as X-Forwarded-User'],
    ['{ proxyHeader: X-User, proxyFrom: [proxy.example.com] }', 'must be an address or a range such as 127.0.0.1/32'],
    ['{ proxyHeader: X-User, proxyFrom: [10.0.0.0/33] }', 'must be an address or a range such as 127.0.0.1/32'],
    ['{ badges: open }', 'must be signed-in or public'],
    ['{ badgeKey: abcdefabcdefabcdef }', 'is a secret in plain text'],
    ['{ badgeKey: "${SHORT}" }', 'access.badgeKey: is shorter than 16 characters'],
    ['{ loopback: closed }', 'must be open or sign-in'],
  ])('refuse %s', async (access, message) => {
    const error = await accessOf(`access: ${access}`).catch((thrown: unknown) => thrown);
    expect(formatError(error as DrillError)).toContain(message);
  });

  it('treat an address as a range of one', () => {
    expect(parseRange('::1')).toEqual({ address: '::1', prefix: 128, family: 'ipv6' });
    for (const text of ['', '10.0.0.1/', '10.0.0.1/8/8', 'fe80::1%eth0', '10.0.0.1/-1'])
      expect(parseRange(text)).toBeUndefined();
  });
});
