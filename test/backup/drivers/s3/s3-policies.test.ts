import type { LifecycleRule } from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import { deniesDeletion, rulesThatExpire } from '../../../../src/backup/drivers/s3/s3-policies.ts';

const OBJECT = { key: 'orders/a.dump', sizeBytes: 100, modifiedAt: new Date('2026-11-20T00:00:00Z'), etag: 'e' };
const DAY = 86_400_000;

describe('lifecycle rules', () => {
  const rule = (changes: object): LifecycleRule => ({
    ID: 'tidy',
    Status: 'Enabled',
    Expiration: { Days: 7 },
    ...changes,
  });

  it.each([
    [{}, 7 * DAY],
    [{ Filter: { Prefix: 'orders/' } }, 7 * DAY],
    [{ Prefix: 'orders/' }, 7 * DAY],
    [{ Filter: { And: { Prefix: 'orders/', ObjectSizeLessThan: 1000 } } }, 7 * DAY],
    [{ Expiration: { Date: new Date('2026-11-22T00:00:00Z') } }, 2 * DAY],
    [{ Expiration: { Date: new Date('2026-01-01T00:00:00Z') } }, 0],
    [{ Filter: { Prefix: 'other/' } }, undefined],
    [{ Filter: { ObjectSizeGreaterThan: 100 } }, undefined],
    [{ Filter: { Tag: { Key: 'a', Value: 'b' } } }, undefined],
    [{ Status: 'Disabled' }, undefined],
    [{ Expiration: undefined, Transitions: [{ Days: 1 }] }, undefined],
    [{ Expiration: { ExpiredObjectDeleteMarker: true } }, undefined],
  ])('%j delete the object after %s ms', (changes, afterMs) => {
    expect(rulesThatExpire([rule(changes)], [OBJECT])).toEqual(
      afterMs === undefined ? [] : [{ name: 'tidy', afterMs }],
    );
  });
});

describe('the policy of a bucket', () => {
  const statement = (changes: object) =>
    JSON.stringify({
      Statement: [
        {
          Effect: 'Deny',
          Principal: '*',
          Action: ['s3:DeleteObject', 's3:DeleteObjectVersion'],
          Resource: 'arn:aws:s3:::acme/*',
          ...changes,
        },
      ],
    });

  it.each([
    [{}, true],
    [{ Principal: { AWS: '*' } }, true],
    [{ Action: 's3:Delete*' }, true],
    [{ Action: 's3:deleteobjectversion' }, true],
    [{ Action: 's3:*', Resource: ['arn:aws:s3:::acme', 'arn:aws:s3:::acme/orders/?.dump'] }, true],
    [{ Action: 's3:DeleteObject' }, false],
    [{ Effect: 'Allow' }, false],
    [{ Principal: { AWS: 'arn:aws:iam::1:user/backup' } }, false],
    [{ Condition: { Bool: { 'aws:SecureTransport': 'false' } } }, false],
    [{ Resource: 'arn:aws:s3:::acme/other/*' }, false],
  ])('with %j denies deletion to everybody: %s', (changes, denies) => {
    expect(deniesDeletion(statement(changes), 'acme', [OBJECT])).toBe(denies);
  });

  it.each([[undefined], ['{}'], ['{"Statement":{}}']])('%s denies nothing', (policy) => {
    expect(deniesDeletion(policy, 'acme', [OBJECT])).toBe(false);
  });

  it('with many stars is evaluated quickly', () => {
    const Resource = `arn:aws:s3:::acme/${'*a'.repeat(200)}`;
    const object = { ...OBJECT, key: `${'a'.repeat(5000)}b` };
    expect(deniesDeletion(statement({ Resource }), 'acme', [object])).toBe(false);
  });
});
