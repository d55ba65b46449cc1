import { describe, expect, it } from 'vitest';
import { formatApiReference } from '../../src/dashboard/api/api-reference.ts';
import { acknowledgeRequest, keepRequest, silenceRequest } from '../../src/dashboard/api/request-schemas.ts';
import { routes } from '../../src/dashboard/api/routes.ts';
import { FakeDashboard } from './fake-dashboard.ts';

const text = formatApiReference();

/** The section of an operation. */
function sectionOf(method: string, path: string): string {
  const [, section = ''] = text.split(`### ${method.toUpperCase()} ${path}\n`);
  return section.split('\n### ')[0] ?? '';
}

describe('the reference of the API', () => {
  it.each(Object.values(routes).map(({ method, path, summary }) => [method, path, summary]))(
    'has %s %s with an example and its responses',
    (method, path, summary) => {
      const section = sectionOf(method, path);
      expect(section).toContain(`${summary}.`);
      expect(section).toMatch(/^curl --header "Authorization: Bearer \$FIREDRILL_TOKEN"/m);
      expect(section).toMatch(/^Returns 20\d with /m);
    },
  );

  it.each([
    ['/drills/{name}/acknowledgement', acknowledgeRequest],
    ['/silences', silenceRequest],
    ['/runs/{id}/keep', keepRequest],
  ])('sends a body to %s that the operation accepts', (path, schema) => {
    const [, body = ''] = /--json '([^']*)'/.exec(sectionOf('post', path)) ?? [];
    expect(schema.safeParse(JSON.parse(body)).error).toBeUndefined();
  });

  it('links only to objects that it describes', () => {
    const anchors = new Set([...text.matchAll(/^### (\w+)$/gm)].map(([, name = '']) => `#${name.toLowerCase()}`));
    const links = [...text.matchAll(/\]\((#[^)]*)\)/g)].map(([, target]) => target);
    expect(links.filter((target) => target !== undefined && !anchors.has(target))).toEqual([]);
    expect(links.length).toBeGreaterThan(20);
  });

  it('is a page', async () => {
    const answer = await new FakeDashboard().ask('/api');
    expect(answer.status).toBe(200);
    const page = await answer.text();
    expect(page).toContain('<h1>HTTP API</h1>');
    expect(page).toContain('href="/api/v1/openapi.json"');
    expect(page).toContain('<a href="#drilldetail">DrillDetail</a>');
  });
});
