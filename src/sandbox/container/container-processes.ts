/** Prints its process id to stderr, then execs the command. The engine reports no pid that is valid inside the sandbox, and cannot kill an exec. */
export const ANNOUNCE_PID = ['sh', '-c', 'echo $$ >&2; exec "$@"', 'sh'] as const;

/**
 * Kills the process $1 and its descendants: children by parent pid, plus every process in the session of one of them (each exec has its
 * own session; in proc_pid_stat(5), parent and session are the fields 3 and 5 after the name). Repeats until none is left, since processes
 * may fork while they are being killed. Plain POSIX shell, because the sandbox may have no ps.
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

/**
 * @returns the argv that kills a process of an earlier exec and its children. Run it as the same user: without capabilities, not even root may kill other
 * users' processes.
 */
export function killTreeArgv(pid: number): readonly string[] {
  return ['sh', '-c', KILL_TREE, 'sh', String(pid)];
}

/**
 * The argv that kills all processes of the user that runs it, except itself, and exits once none is left. kill(2) with -1 reaches them all at once, so no fork
 * escapes; its result is ignored, since it counts root's processes as well. Exit code 1 if some are still running after about 10 s.
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
