import { expect, it } from 'vitest';
import { dockerEnvironment, sshEnvironment } from '../../src/sandbox/docker/client-environment.ts';

const env = {
  ...{ PATH: '/bin', HOME: '/home/drill', USER: 'drill', SSH_AUTH_SOCK: '/run/agent', XDG_RUNTIME_DIR: '/run/user/7' },
  ...{
    DOCKER_CONFIG: '/etc/docker-client',
    DOCKER_TLS_VERIFY: '1',
    HTTPS_PROXY: 'http://proxy',
    AWS_PROFILE: 'drills',
  },
  ...{ AWS_SECRET_ACCESS_KEY: 's3cret', ORDERS_KEY: 's3cret', FIREDRILL_STORE: 'postgres://drill:s3cret@db/store' },
};

it('gives ssh the user’s agent, and the docker client its settings as well', () => {
  const ssh = {
    PATH: '/bin',
    HOME: '/home/drill',
    USER: 'drill',
    SSH_AUTH_SOCK: '/run/agent',
    XDG_RUNTIME_DIR: '/run/user/7',
  };
  expect(sshEnvironment(env)).toEqual(ssh);
  const docker = { DOCKER_CONFIG: '/etc/docker-client', DOCKER_TLS_VERIFY: '1', HTTPS_PROXY: 'http://proxy' };
  expect(dockerEnvironment(env)).toEqual({ ...ssh, ...docker, AWS_PROFILE: 'drills' });
});
