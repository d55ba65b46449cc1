import type { SandboxDirectories } from './directories.ts';
import type { ServerUser } from './server-user.ts';

/**
 * The host directories visible inside the sandbox: programs and libraries only. Everything not listed (home directories, /run with the Docker
 * socket, /var with the host's own databases, other sandboxes) does not exist in the sandbox.
 */
const PROGRAM_DIRECTORIES = ['/usr', '/bin', '/sbin', '/lib', '/lib32', '/lib64', '/libx32'];
/** The equivalents on distributions that keep programs elsewhere. */
const PROGRAM_STORES = ['/nix/store', '/gnu/store'];
/** Copied, not mounted. passwd is not included: the sandbox has its own, with the two users that it needs. */
const SETTINGS_FILES = [
  'nsswitch.conf',
  'ld.so.cache',
  'ld.so.conf',
  'ld.so.conf.d',
  'localtime',
  'timezone',
  'alternatives',
];

/** Small because it counts as memory; `TMPDIR` in the sandbox points to disk. */
const ROOT_SIZE = '64m';

/**
 * A shell script that gives its mount namespace its own root: a small tmpfs with the programs bind-mounted read-only. The sandbox's own
 * directories are mounted at the same paths as outside, so that a socket path means the same on both sides.
 * Needs mount(8), pivot_root(8) and CAP_SYS_ADMIN in its user namespace.
 */
export function ownRootScript(
  directories: SandboxDirectories,
  installRoots: readonly string[],
  user: ServerUser,
): string {
  const root = quote(directories.newRoot);
  const programs = PROGRAM_DIRECTORIES.join(' ');
  const writable = [directories.data, directories.run, directories.scratch, directories.home];
  return `
set -e
umask 022
settings=
mount -t tmpfs -o mode=755,size=${ROOT_SIZE} firedrill ${root}
cd ${root}
# Where one program can make several directories or links, it does: what a start takes is programs to start.
set --
for directory in ${programs}; do [ -L "$directory" ] || [ ! -d "$directory" ] || set -- "$@" ".$directory"; done
mkdir -p proc dev/shm etc tmp host "$@"
chmod 1777 tmp
for directory in "$@"; do mount --rbind -o ro,nosuid,nodev "\${directory#.}" "$directory"; done
set --
for directory in ${programs}; do [ ! -L "$directory" ] || set -- "$@" "$directory"; done
[ $# = 0 ] || cp -P "$@" .
show() { # a host directory (or the link that it is), read-only
  [ -L "$1" ] && { mkdir -p ".\${1%/*}"; cp -P "$1" ".$1"; return; }
  [ -d "$1" ] || return 0
  mkdir -p ".$1"
  mount --rbind -o ro,nosuid,nodev "$1" ".$1"
}
for directory in ${[...PROGRAM_STORES, ...installRoots, directories.support].map(quote).join(' ')}; do show "$directory"; done
mount -t tmpfs -o mode=1777,nosuid,nodev shm dev/shm # before what a sandbox in memory has there
mkdir -p ${writable.map((directory) => quote(`.${directory}`)).join(' ')}
for directory in ${writable.map(quote).join(' ')}; do mount --bind -o nosuid,nodev "$directory" ".$directory"; done
for name in ${SETTINGS_FILES.join(' ')}; do
  [ ! -e "/etc/$name" ] || settings="$settings /etc/$name"
done
cp -RP $settings etc/ 2> /dev/null || :
printf '%s\\n' 'root:x:0:0:root:/:/bin/sh' ${quote(`${user.name}:x:${user.uid}:${user.gid}:server:${directories.home}:/bin/sh`)} > etc/passwd
printf '%s\\n' 'root:x:0:' ${quote(`${user.name}:x:${user.gid}:`)} > etc/group
for name in null zero full random urandom; do
  : > "dev/$name"
  mount --bind "/dev/$name" "dev/$name"
done
ln -s /proc/self/fd dev/fd
ln -s fd/0 dev/stdin
ln -s fd/1 dev/stdout
ln -s fd/2 dev/stderr
mount -t proc proc proc
pivot_root . host
cd /
# umount(8) does nothing for who is not root, even with the capability; there, an empty file system over it hides it as well:
# in the sandbox nobody has the capability to lift that.
umount -l /host 2> /dev/null && rmdir /host || mount -t tmpfs -o ro,mode=000,size=4k hidden /host
`;
}

export function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
