import type { RenderedFormat } from '../format-kind.ts';

export const html: RenderedFormat = {
  extensions: ['html', 'htm'],
  mediaType: 'text/html; charset=utf-8',
  title: 'HTML',
  from: 'report',
  render: async (report, made) => (await import('../render/render-html.ts')).renderHtml(report, made),
};
