import { describe, expect, it } from 'vitest';
import { rcloneEnvironment, withoutSecrets } from '../../../../src/backup/drivers/rclone/rclone-environment.ts';

describe('the environment of rclone', () => {
  it('has what rclone and its stores need', () => {
    const needed = {
      PATH: '/usr/bin',
      HOME: '/home/drills',
      LC_ALL: 'C.UTF-8',
      XDG_CONFIG_HOME: '/etc/drills',
      SSH_AUTH_SOCK: '/run/agent',
      https_proxy: 'http://proxy:3128',
      NO_PROXY: 'localhost',
      SSL_CERT_FILE: '/etc/ca.pem',
      RCLONE_CONFIG_OFFSITE_TYPE: 's3',
      RCLONE_BWLIMIT: '10M',
      AWS_PROFILE: 'drills',
      GOOGLE_APPLICATION_CREDENTIALS: '/etc/gcs.json',
      AZURE_STORAGE_ACCOUNT: 'acme',
      OS_AUTH_URL: 'https://keystone',
    };
    expect(rcloneEnvironment(needed, undefined)).toEqual(needed);
  });

  it('has nothing else', () => {
    const others = {
      ORDERS_AGE_KEY: 'AGE-SECRET-KEY-1CANARY',
      SLACK_URL: 'https://hooks.example/canary',
      PGPASSWORD: 'canary',
      FIREDRILL_CONFIG: '/etc/firedrill.yaml',
      NODE_OPTIONS: '--require ./canary.js',
      LD_PRELOAD: '/tmp/canary.so',
      MY_AWS_SECRET: 'canary',
      RCLONE_LOG_FILE: '/tmp/log',
      RCLONE_VERBOSE: '2',
      TOSCA_OS_TOKEN: 'canary',
    };
    expect(rcloneEnvironment({ ...others, UNSET: undefined }, undefined)).toEqual({});
  });

  it('names the configuration file of the drill instead of any other', () => {
    const config = rcloneEnvironment({ RCLONE_CONFIG: '/etc/other.conf' }, '/safe/recovery.conf');
    expect(config).toEqual({ RCLONE_CONFIG: '/safe/recovery.conf' });
  });
});

describe('messages of rclone', () => {
  it('contain neither the secrets in its variables nor the signatures of URLs', () => {
    const env = { RCLONE_CONFIG_OFFSITE_PASS: 'hunter2hunter2', AWS_SECRET_ACCESS_KEY: 'wJalrXUtn', PATH: '/usr/bin' };
    const said = withoutSecrets('hunter2hunter2 wJalrXUtn /usr/bin https://user:pw@host/a https://host/b?sig=abc', env);
    expect(said).toBe('*** *** /usr/bin https://***@host/a https://host/b?***');
  });
});
