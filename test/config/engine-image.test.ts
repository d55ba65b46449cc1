import { describe, expect, it } from 'vitest';
import { loadDrills } from '../../src/config/load-drills.ts';
import { drillText, problemsOf, workspace } from './loading.ts';

const ENGINE = "engine: { type: postgres, image: '${IMAGE:-postgres:17.11}' }";

async function imageOf(engine: string, env: Record<string, string> = {}) {
  const cwd = await workspace({ 'drills/d.yaml': drillText({ engine }) });
  const [drill] = await loadDrills(['drills/d.yaml'], { cwd, env });
  return drill?.engine.image;
}

describe('the image of an engine', () => {
  it('expands its variables, so that one setting serves a server and the drills of its backups', async () => {
    expect(await imageOf(ENGINE)).toBe('postgres:17.11');
    expect(await imageOf(ENGINE, { IMAGE: 'mirror.example.com/postgres:17' })).toBe('mirror.example.com/postgres:17');
    expect(await imageOf('engine: { type: postgres, image: postgis/postgis:17-3.5 }')).toBe('postgis/postgis:17-3.5');
    expect(await imageOf('engine: { type: postgres }')).toBeUndefined();
  });

  it('is refused when its variable is missing or empty', async () => {
    const image = (text: string) => ({
      'd.yaml': drillText({ engine: `engine: { type: postgres, image: "${text}" }` }),
    });
    expect(await problemsOf(image('${IMAGE}'))).toEqual([
      expect.stringContaining('engine.image: the variable IMAGE is not set or empty'),
    ]);
    expect(await problemsOf(image('${IMAGE:- }'))).toEqual([
      expect.stringContaining('engine.image: is empty once its variables are replaced'),
    ]);
  });
});
