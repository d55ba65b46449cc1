import { OpenAPIHono } from '@hono/zod-openapi';
import { routes } from './routes.ts';

/** The API's description in OpenAPI 3.1 (spec.openapis.org/oas/v3.1.1), generated from the operations that it serves. */
export function describeApi(version: string) {
  const { openAPIRegistry, getOpenAPI31Document } = new OpenAPIHono();
  openAPIRegistry.registerComponent('securitySchemes', 'token', { type: 'http', scheme: 'bearer' });
  for (const route of Object.values(routes)) openAPIRegistry.registerPath(route);
  return getOpenAPI31Document({
    openapi: '3.1.1',
    info: {
      title: 'Firedrill',
      version,
      description:
        'Drills, their runs, and runs in progress. Instants are ISO 8601 in UTC, durations milliseconds, sizes bytes; what is not known is null. Create tokens with `firedrill token add`.',
    },
    servers: [{ url: '/api/v1' }],
    security: [{ token: [] }],
  });
}
