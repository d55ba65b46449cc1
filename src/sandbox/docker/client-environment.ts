import { passedEnvironment } from '../../support/passed-environment.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Variables read by `ssh` and its configuration: about the user, the agent, Kerberos and security keys; SHELL runs `ProxyCommand` and `Match exec`. */
const SSH = [
  ...['USER', 'LOGNAME', 'SHELL', 'LC_ALL', 'XDG_RUNTIME_DIR'],
  ...['SSH_AUTH_SOCK', 'SSH_SK_PROVIDER', 'SSH_SK_HELPER', 'KRB5CCNAME', 'KRB5_CONFIG'],
];

/** Variables read by the `docker` client and registry credential helpers: only locations, no keys or passwords. */
const DOCKER = [
  ...['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY', 'http_proxy', 'https_proxy', 'no_proxy'],
  ...['DBUS_SESSION_BUS_ADDRESS', 'GNUPGHOME', 'PASSWORD_STORE_DIR', 'XDG_CONFIG_HOME', 'CLOUDSDK_CONFIG'],
  ...['AWS_PROFILE', 'AWS_REGION', 'AWS_DEFAULT_REGION', 'AWS_CONFIG_FILE', 'AWS_SHARED_CREDENTIALS_FILE'],
];

/**
 * The environment of `ssh`. All other variables are withheld, since they may contain passwords and keys of drills, which neither ssh nor its child processes
 * need.
 */
export function sshEnvironment(env: Environment): Readonly<Record<string, string>> {
  return passedEnvironment(SSH, env);
}

/** The environment of the `docker` client (which may start `ssh`): also includes its own `DOCKER_…` variables. */
export function dockerEnvironment(env: Environment): Readonly<Record<string, string>> {
  const own = Object.keys(env).filter((name) => name.startsWith('DOCKER_'));
  return passedEnvironment([...SSH, ...DOCKER, ...own], env);
}
