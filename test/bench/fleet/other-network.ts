import { execFileSync } from 'node:child_process';

/** The network of a host, and the link from it to this one. */
export interface OtherNetwork {
  /** This end of the link, where the host reaches the store. */
  readonly address: string;
  /** The address that it connects from. */
  readonly clients: string;
  /** The command that starts a program in that network. */
  readonly via: readonly string[];
  /** Takes the link down, or up again: while it is down, packets are lost and nothing is refused. */
  switchLink(state: 'up' | 'down'): void;
}

const [HERE, THERE] = ['10.18.0.1', '10.18.0.2'];

/** Requires root, in the bench's own network, with which it is removed. */
export function makeOtherNetwork(name: string): OtherNetwork {
  const link = `to-${name}`;
  ip('netns', 'add', name);
  ip('link', 'add', link, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', name);
  ip('addr', 'add', `${HERE}/24`, 'dev', link);
  ip('link', 'set', link, 'up');
  ip('-n', name, 'addr', 'add', `${THERE}/24`, 'dev', 'eth0');
  for (const device of ['lo', 'eth0']) ip('-n', name, 'link', 'set', device, 'up');
  return {
    address: HERE,
    clients: `${THERE}/32`,
    via: ['nsenter', `--net=/run/netns/${name}`],
    switchLink: (state) => ip('link', 'set', link, state),
  };
}

function ip(...argv: readonly string[]): void {
  execFileSync('ip', argv);
}
