import { execFileSync } from 'node:child_process';

/** The network of a host, and the link from it to this one. */
export interface OtherNetwork {
  /** This end of the link, where the host has the store. */
  readonly address: string;
  /** What it connects from. */
  readonly clients: string;
  /** What starts a program in that network. */
  readonly via: readonly string[];
  /** Takes the link down, or up again: nothing is refused meanwhile, packets are lost. */
  switchLink(state: 'up' | 'down'): void;
}

const [HERE, THERE] = ['10.18.0.1', '10.18.0.2'];

/** As root, in a network of the bench's own, with which it ends. */
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
