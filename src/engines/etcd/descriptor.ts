import type { EngineDescriptor } from '../engine-descriptor.ts';
import { etcdKeys, resolveEtcd } from './etcd-options.ts';
import { snapshot } from './formats/snapshot/descriptor.ts';

export const etcd: EngineDescriptor<'etcd'> = {
  type: 'etcd',
  title: 'etcd',
  offers: ['commands', 'program'],
  localBinaries: {
    server: 'etcd',
    clientTool: 'etcdctl',
    versionPattern: /^etcd Version: (\d+\.\d+\.\d+)/m,
    majorNumbers: 2,
    directories: ['/usr/bin', '/usr/local/bin', '/opt/homebrew/bin'],
    install: (major) =>
      `Install etcd ${major} (Debian: \`apt-get install etcd-server etcd-client\`), or use \`--runtime docker\`.`,
  },
  formats: [snapshot],
  dumps: {
    program: 'etcdctl snapshot save',
    none: 'not an etcd snapshot',
    hint: 'Check that `backup.match` selects the file that `etcdctl snapshot save` writes.',
  },
  starterCheck: { name: 'keys are there', serverCommand: ['get', '', '--prefix', '--count-only'], expect: { min: 1 } },
  options: { keys: etcdKeys, resolve: resolveEtcd },
  imageFor: () => 'none', // official images have no shell: a drill sets an image that has one, unless it uses the host's programs
  serverUser: 'etcd',
};
