import { describe, expect, it } from 'vitest';
import { isExposed, parseEngineAddress } from '../../src/sandbox/docker/engine-address.ts';

describe('the address of a Docker engine', () => {
  it.each([
    ['unix:///var/run/docker.sock', { kind: 'unix', path: '/var/run/docker.sock' }],
    ['unix:///run/100%/my docker.sock', { kind: 'unix', path: '/run/100%/my docker.sock' }],
    ['tcp://10.0.0.5', { kind: 'tcp', host: '10.0.0.5', port: 2375, isEncrypted: false }],
    ['tcp://10.0.0.5:2376', { kind: 'tcp', host: '10.0.0.5', port: 2376, isEncrypted: true }],
    ['ssh://drill@box2', { kind: 'ssh', user: 'drill', host: 'box2', port: undefined }],
    ['ssh://box2:2222', { kind: 'ssh', user: undefined, host: 'box2', port: 2222 }],
  ])('is parsed: %s', (text, address) => {
    expect(parseEngineAddress(text, false)).toEqual(address);
  });

  it('implies TLS if the environment requires it', () => {
    expect(parseEngineAddress('tcp://10.0.0.5', true)).toMatchObject({ port: 2376, isEncrypted: true });
    expect(parseEngineAddress('tcp://10.0.0.5:2375', true)).toMatchObject({ port: 2375, isEncrypted: true });
  });

  it.each([
    'box2',
    'unix://',
    'unix://box2/docker.sock',
    'http://box2',
    'tcp://box2/path',
    'tcp://user@box2',
    'ssh://drill:secret@box2', // would be logged and recorded
    'ssh://-oProxyCommand=touch@box2',
    'ssh://drill@-oProxyCommand=touch',
    'ssh://drill@box2/;touch',
  ])('is refused: %s', (text) => {
    expect(parseEngineAddress(text, false)).toBeUndefined();
  });

  it('is exposed if others on the network can control the engine', () => {
    expect(['tcp://10.0.0.5:2375', 'tcp://box2'].filter(isExposed)).toHaveLength(2);
    const safe = ['tcp://127.0.0.1:2375', 'tcp://localhost:2375', 'unix:///run/docker.sock', 'ssh://box2'];
    expect(safe.filter(isExposed)).toEqual([]);
  });
});
