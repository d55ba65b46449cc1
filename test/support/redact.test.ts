import { describe, expect, it } from 'vitest';
import { Redactor } from '../../src/support/redact.ts';

describe('Redactor', () => {
  it('redacts every secret it knows, including URL-encoded and escaped forms', () => {
    const redactor = new Redactor();
    redactor.add('s3cr/t "x"');
    expect(redactor.redact('a s3cr/t "x" b s3cr%2Ft%20%22x%22 c {"k":"s3cr/t \\"x\\""}')).toBe(
      'a *** b *** c {"k":"***"}',
    );
  });

  it('leaves no remainder of a secret that starts with another one', () => {
    const redactor = new Redactor();
    redactor.add('abcd');
    redactor.add('abcd-efgh');
    expect(redactor.redact('abcd-efgh and abcd')).toBe('*** and ***');
  });

  it('does not replace very short secrets, which would hide the message', () => {
    const redactor = new Redactor();
    redactor.add('a');
    expect(redactor.redact('a bad day')).toBe('a bad day');
  });

  it.each([
    ['postgres://app:hunter2@db/x', 'postgres://app:***@db/x'],
    ['key AKIAIOSFODNN7EXAMPLE refused', 'key *** refused'],
    ['env ASIAIOSFODNN7EXAMPLE', 'env ***'],
    ['PGPASSWORD=hunter2 psql', 'PGPASSWORD=*** psql'],
    ['host=db password=hunter2 user=app', 'host=db password=*** user=app'],
    ["password='two words' user=app", 'password=*** user=app'],
    ['{"secretAccessKey":"abc/def"}', '{"secretAccessKey":***}'],
    ['AWS_SECRET_ACCESS_KEY=abc/def+x', 'AWS_SECRET_ACCESS_KEY=***'],
    ['  db-password: hunter2', '  db-password: ***'],
    ['spring.password=hunter2', 'spring.password=***'],
    ['aws_session_token = abcdef', 'aws_session_token = ***'],
    ['Authorization: AWS4-HMAC-SHA256 Credential=x, Signature=y', 'Authorization: ***'],
    ['Authorization: Basic dXNlcjpwYXNz\nHost: x', 'Authorization: ***\nHost: x'],
    ['got bearer abcdef0123456789.x', 'got bearer ***'],
    ['https://b/k?X-Amz-Signature=0a1b&X-Amz-Date=1', 'https://b/k?X-Amz-Signature=***&X-Amz-Date=1'],
    ["ALTER ROLE app PASSWORD 'md5''0a1b';", 'ALTER ROLE app PASSWORD ***;'],
    ["CREATE USER a IDENTIFIED BY 'x y'", 'CREATE USER a IDENTIFIED BY ***'],
    ['-----BEGIN RSA PRIVATE KEY-----\nMII\n-----END RSA PRIVATE KEY-----\nrest', '***\nrest'],
  ])('redacts what looks like a secret: %s', (text, clean) => {
    expect(new Redactor().redact(text)).toBe(clean);
  });

  it.each([
    'password authentication failed for user "app"',
    'no backup matches orders-*.dump under s3://acme/orders/ (213 objects listed)',
    'ERROR:  role "secret_reader" does not exist',
    'drills/orders.yaml:12:9: checks[0].expect: "minimum" is not known here',
    'drills/orders.yaml:6:3: backup.secretAccessKey: is missing; must name where the secret is',
    'postgres:17 at 2026-01-31T00:00:00Z',
  ])('keeps an ordinary message: %s', (text) => {
    expect(new Redactor().redact(text)).toBe(text);
  });

  it.each([
    ['letters', 'a'],
    ['word starts', 'password'],
    ['colons', 'a:'],
  ])('handles long hostile text of %s in linear time', (_, unit) => {
    const text = unit.repeat(300_000 / unit.length);
    expect(new Redactor().redact(text)).toBe(text); // quadratic patterns would take minutes here
  });
});

describe('a text is cut', () => {
  const redactor = new Redactor();
  for (const secret of ['0123456789', '6789abcdef']) redactor.add(secret);

  it.each([
    ['after its last whole line', 'one\ntwo\nthree and more', 8],
    ['where no secret can go on, if it is one line', 'one line of text', 7],
    ['before a secret that crosses that point', 'text 0123456789 012', 5],
    ['before secrets that overlap', 'text 0123456789abcdef', 5],
    ['nowhere, if all of it may be a secret', '01234', 0],
  ])('%s', (_where, text, length) => {
    expect(redactor.safePrefix(text)).toBe(length);
  });
});
