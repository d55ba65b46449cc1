import type { TextFormat } from '../format-kind.ts';

export const md: TextFormat = {
  extensions: ['md', 'markdown'],
  mediaType: 'text/markdown; charset=utf-8',
  title: 'Markdown',
  from: 'report',
  render: async (report, made) => (await import('../render/markdown.ts')).renderMarkdown(report, made),
  renderEvidence: async (report, made) => (await import('../render/markdown.ts')).renderMarkdownEvidence(report, made),
};
