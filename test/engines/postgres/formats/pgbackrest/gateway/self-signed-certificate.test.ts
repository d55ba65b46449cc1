import { X509Certificate } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import { expect, it } from 'vitest';
import { makeSelfSignedCertificate } from '../../../../../../src/engines/postgres/formats/pgbackrest/gateway/self-signed-certificate.ts';

it('a certificate is signed by its own key, valid now and different each time', () => {
  const now = new Date('2026-11-28T12:00:00Z');
  const made = makeSelfSignedCertificate(now);
  const certificate = new X509Certificate(made.cert);
  expect(certificate.verify(certificate.publicKey)).toBe(true);
  expect(certificate.subject).toBe('CN=firedrill');
  expect(new Date(certificate.validFrom).getTime()).toBeLessThan(now.getTime());
  expect(new Date(certificate.validTo).getTime()).toBeGreaterThan(now.getTime());
  expect(() => createSecureContext(made)).not.toThrow();
  expect(makeSelfSignedCertificate(now).key).not.toBe(made.key);
});
