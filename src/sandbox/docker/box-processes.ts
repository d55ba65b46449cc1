/** Says its process id first, on stderr, then becomes the command: an engine tells no id that means anything in the box, and ends no exec. */
export const ANNOUNCE_PID = ['sh', '-c', 'echo $$ >&2; exec "$@"', 'sh'] as const;

/**
 * Kills the process $1 and everything that came from it: children by their parent, and whoever is in the session of one of them (each exec is
 * a session of its own; field 3 and 5 after the name in proc_pid_stat(5) are parent and session). Once more until none is left, since what is being
 * killed may still be forking. Plain POSIX shell: there may be no ps in the box.
 */
const KILL_TREE = `
found=" $1 " rounds=0
while [ $rounds -lt 200 ]; do
  rounds=$((rounds + 1)) grew=1
  while [ $grew = 1 ]; do
    grew=0 alive=
    for stat in /proc/[0-9]*/stat; do
      read -r line 2> /dev/null < "$stat" || continue
      pid=\${line%% *}
      set -- \${line##*) }
      [ "$1" = Z ] && continue
      case "$found" in
        *" $pid "*) alive="$alive $pid" ;;
        *" $2 "* | *" $4 "*) found="$found$pid " alive="$alive $pid" grew=1 ;;
      esac
    done
  done
  [ -z "$alive" ] && exit 0
  kill -9 $alive 2> /dev/null
done
echo "still alive: $alive" >&2
exit 1`;

/** @returns the argv that ends a process of an earlier exec and its children; run it as the same user: without capabilities not even root may kill others. */
export function killTreeArgv(pid: number): readonly string[] {
  return ['sh', '-c', KILL_TREE, 'sh', String(pid)];
}

/**
 * The argv that ends all processes of the user that runs it, but itself, and is done when none is left. kill(2) with -1 reaches them all at once,
 * and no fork escapes it; its answer tells nothing, since processes of root count as well. Exit code 1 when some do not end within some 10 s.
 */
export const END_ALL_OF_USER = [
  'sh',
  '-c',
  `tries=0
while :; do
  kill -s KILL -- -1 2> /dev/null
  alive=
  for entry in /proc/[0-9]*; do
    pid=\${entry#/proc/}
    [ "$pid" = $$ ] || ! kill -s 0 "$pid" 2> /dev/null || alive="$alive $pid"
  done
  [ -n "$alive" ] || exit 0
  tries=$((tries + 1))
  [ $tries -lt 500 ] || exit 1
  sleep 0.02
done`,
] as const;
