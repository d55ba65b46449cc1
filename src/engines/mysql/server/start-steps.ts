import { SERVER_DIRECTORIES } from './settings.ts';

/**
 * Plugins that only store or validate data: none opens a connection, runs a program or authenticates a user. The server sees no others,
 * so no statement of a dump can load one.
 */
const PLUGINS = [
  ...['ha_archive', 'ha_blackhole', 'ha_rocksdb', 'type_mysql_json', 'auth_ed25519', 'auth_parsec'],
  ...['provider_bzip2', 'provider_lz4', 'provider_lzma', 'provider_lzo', 'provider_snappy'],
];

/** Steps of the shell scripts that start a server. Each takes `$scratch`, and sets `$own`: the directory of the plugins that the server sees. */
export const MAKE_DIRECTORIES = `
own="$scratch/${SERVER_DIRECTORIES.plugins}"
mkdir -p "$scratch/${SERVER_DIRECTORIES.temporary}" "$own"
[ -d "$scratch/${SERVER_DIRECTORIES.noFiles}" ] || mkdir -m 000 "$scratch/${SERVER_DIRECTORIES.noFiles}"
`;

/** Links the harmless ones of `$plugins` into `$own`, and makes the server load them: the script's arguments are the server's. */
export const LINK_PLUGINS = `
for plugin in ${PLUGINS.join(' ')}; do
  [ -f "$plugins/$plugin.so" ] && [ ! -e "$own/$plugin.so" ] || continue
  ln -s "$plugins/$plugin.so" "$own/$plugin.so"
  set -- "$@" "--loose-plugin-load-add=$plugin.so"
done
`;

/** The accounts' file is deleted before the server runs; the server reads it through its open descriptor, `--init-file=/dev/fd/3`. */
export const TAKE_ACCOUNTS = `
accounts="$scratch/.accounts.sql"
cat > "$accounts"
exec 3< "$accounts"
rm -f "$accounts"
`;

/** coreutils' sync flushes the files given as arguments; versions that accept none flush everything, which works as well. Takes `$data`. */
export const FLUSH_DATA = `
if command -v find > /dev/null; then find "$data" -exec sync {} +; else sync; fi
`;
