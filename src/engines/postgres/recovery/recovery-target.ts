import type { RecoveryTarget } from '../../format.ts';

/** A target at which a server can be configured to stop. */
export type ServerTarget = Exclude<RecoveryTarget, { kind: 'before' | 'random' }>;

/** The server's settings for a target, as arguments. Source: PostgreSQL's manual, "Recovery Target". */
export function targetArguments(target: ServerTarget): readonly string[] {
  const exclusive = target.kind === 'position' && target.exclusive ? { recovery_target_inclusive: 'off' } : {};
  const settings = {
    ...settingsOf(target),
    ...exclusive,
    recovery_target_action: 'promote',
    recovery_target_timeline: 'latest',
  };
  return Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}

function settingsOf(target: ServerTarget): Readonly<Record<string, string>> {
  switch (target.kind) {
    case 'latest':
      return {};
    case 'backup-end':
      return { recovery_target: 'immediate' };
    case 'time':
      return { recovery_target_time: `${target.at.toISOString().replace('T', ' ').replace('Z', '')}+00` };
    case 'position': {
      const { at } = target;
      if ('lsn' in at) return { recovery_target_lsn: at.lsn };
      if ('xid' in at) return { recovery_target_xid: at.xid };
      if ('name' in at) return { recovery_target_name: at.name };
      throw new TypeError(`${Object.keys(at)} is not a position in this log`); // excluded by the validation of drills
    }
  }
}
