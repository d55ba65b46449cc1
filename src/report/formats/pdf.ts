import type { RenderedFormat } from '../format-kind.ts';

export const pdf: RenderedFormat = {
  extensions: ['pdf'],
  mediaType: 'application/pdf',
  title: 'PDF',
  from: 'report',
  isBinary: true,
  isAvailable: async () => (await import('../pdf/find-chromium.ts')).canPrint(process.env, process.getuid?.() === 0),
  async render(report, made) {
    const { printPdf } = await import('../pdf/print-pdf.ts');
    const { renderHtml } = await import('../render/render-html.ts');
    const page = renderHtml(report, made, { evidence: typeof made.evidence === 'object' ? made.evidence : 'html' });
    return await printPdf(page, { env: process.env, isRoot: process.getuid?.() === 0, signal: made.signal });
  },
};
