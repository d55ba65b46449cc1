import { describe, expect, it } from 'vitest';
import { asEngineError } from '../../src/sandbox/docker/engine-errors.ts';

describe('a Docker engine error', () => {
  it.each([
    ['(HTTP code 500) server error - mkdir /var/lib/docker/overlay2/x: no space left on device ', 'disk-full'],
    ['(HTTP code 404) no such container - No such image: postgres:99 ', 'image-missing'],
    ['(HTTP code 400) bad parameter - Minimum memory limit allowed is 6MB ', 'sandbox-refused'],
    [
      '(HTTP code 400) bad parameter - range of CPUs is from 0.01 to 2.00, as there are only 2 CPUs available ',
      'sandbox-refused',
    ],
    ['(HTTP code 500) server error - OCI runtime create failed: something new ', 'sandbox-refused'],
  ])('%s is %s', (message, code) => {
    const error = asEngineError(new Error(message), 'starting a sandbox');
    expect(error.code).toBe(code);
    expect(error.message).toBe(
      `the Docker engine failed at starting a sandbox: ${message.replace(/^.*? - /, '').trim()}`,
    );
    expect(error.hint).toMatch(/\.$/);
  });

  it('keeps its HTTP status, which identifies a missing resource', () => {
    const gone = Object.assign(new Error('(HTTP code 404) no such container - x '), { statusCode: 404 });
    expect(asEngineError(gone, 'inspecting a sandbox')).toMatchObject({ httpStatus: 404 });
    expect(asEngineError(new Error('cut off'), 'inspecting a sandbox')).toMatchObject({ httpStatus: undefined });
  });

  it.each(['ECONNREFUSED', 'ENOENT', 'ECONNRESET', 'EPIPE'])('%s means that it went away', (code) => {
    const error = asEngineError(Object.assign(new Error('x'), { code }), 'listing containers');
    expect(error).toMatchObject({
      code: 'engine-unreachable',
      message: expect.stringContaining('while listing containers'),
    });
  });
});
