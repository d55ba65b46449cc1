import type { TextFormat } from '../format-kind.ts';

export const html: TextFormat = {
  extensions: ['html', 'htm'],
  mediaType: 'text/html; charset=utf-8',
  title: 'HTML',
  from: 'report',
  render: async (report, made) =>
    (await import('../render/render-html.ts')).renderHtml(report, made, made.evidence && { evidence: made.evidence }),
  renderEvidence: async (report, made) => (await import('../render/render-html.ts')).renderEvidenceHtml(report, made),
};
