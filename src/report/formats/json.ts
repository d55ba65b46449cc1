import type { RenderedFormat } from '../format-kind.ts';

export const json: RenderedFormat = {
  extensions: ['json'],
  mediaType: 'application/json',
  title: 'JSON',
  from: 'report',
  render: async (report, made) => (await import('../render/json.ts')).renderJson(report, made),
};
