import type { TextFormat } from '../format-kind.ts';

export const json: TextFormat = {
  extensions: ['json'],
  mediaType: 'application/json',
  title: 'JSON',
  from: 'report',
  render: async (report, made) => (await import('../render/json.ts')).renderJson(report, made),
  renderEvidence: async (report, made) => (await import('../render/json.ts')).renderEvidenceJson(report, made),
};
