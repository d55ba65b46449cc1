import { describe, expect, it } from 'vitest';
import { definitionForRecord } from '../../src/config/definition.ts';
import { loadDrills } from '../../src/config/load-drills.ts';
import { Redactor } from '../../src/support/redact.ts';
import { drillText, problemsOf, workspace } from './loading.ts';

async function load(heartbeat: string, env: Readonly<Record<string, string>>) {
  const cwd = await workspace({ 'drills/d.yaml': drillText({ heartbeat: `heartbeat: ${heartbeat}` }) });
  const redactor = new Redactor();
  const [drill] = await loadDrills(['drills/d.yaml'], { cwd, env, redactor });
  if (!drill) throw new Error('no drill');
  return { drill, redactor };
}

describe('the heartbeat of a drill', () => {
  it('is a URL with variables expanded, and a secret', async () => {
    const { drill, redactor } = await load('https://hc-ping.com/${HC}', { HC: 'b0b0-secret' });
    expect(drill.heartbeat).toBe('https://hc-ping.com/b0b0-secret');
    expect(redactor.redact(`no answer from ${drill.heartbeat}`)).toBe('no answer from ***');
    expect(definitionForRecord(drill)).not.toContain('secret');
  });

  it('can change without changing the configuration hash', async () => {
    const [one, other] = [await load('https://hc-ping.com/${HC}', { HC: 'one' }), await load('https://a.example/', {})];
    expect(one.drill.definitionHash).toBe(other.drill.definitionHash);
  });

  it('is refused when its variable is missing or it is not a URL', async () => {
    const textOf = (heartbeat: string) => ({ 'd.yaml': drillText({ heartbeat: `heartbeat: ${heartbeat}` }) });
    expect(await problemsOf(textOf('https://hc-ping.com/${HC}'))).toEqual([
      'd.yaml:6:1: heartbeat: the variable HC is not set or empty; set it, or write "${HC:-default}"',
    ]);
    expect(await problemsOf(textOf('${HC}'), { env: { HC: 'b0b0-secret' } })).toEqual([
      'd.yaml:6:1: heartbeat: must be a URL that begins with https:// or http://; the value is not',
    ]);
    expect(await problemsOf(textOf('""'))).toEqual(['d.yaml:6:1: heartbeat: is empty or several lines; must be a URL']);
  });
});
