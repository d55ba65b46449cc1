import { LINES, STATES, SURFACES, TEXTS, toVariables } from '../../support/design-tokens.ts';
import { CHART_CSS } from '../charts/palette.ts';
import { PAGE_ONE_CSS } from './style-page-one.ts';
import { PRINT_CSS } from './style-print.ts';

/** The report is shown inside pages and on its own, so it includes the tokens that it needs, under names of its own. */
const REPORT_TOKENS = toVariables({
  'r-ink': TEXTS.ink,
  'r-soft': TEXTS.soft,
  'r-link': TEXTS.link,
  'r-line': LINES.line,
  'r-strong': LINES['line-strong'],
  'r-paper': SURFACES.surface,
  'r-back': SURFACES.sunken,
  'r-good': STATES.good,
  'r-good-back': STATES['good-back'],
  'r-bad': STATES.bad,
  'r-bad-back': STATES['bad-back'],
  'r-warn': STATES.warn,
  'r-warn-back': STATES['warn-back'],
})
  .replaceAll('\n  ', '')
  .replace(/;$/, '');

/** Styles of the report's parts; every class begins with `r-` to avoid clashes with those of the surrounding page. */
export const REPORT_CSS = `${CHART_CSS}
.r-report{${REPORT_TOKENS};color:var(--r-ink);font-size:.875rem;line-height:1.5;overflow-wrap:break-word;font-variant-numeric:tabular-nums}
.r-report h2{margin:0 0 .75rem;font-size:1.125rem;font-weight:600;line-height:1.3;letter-spacing:-.011em}
.r-report h3{margin:1.25rem 0 .35rem;font-size:.875rem;font-weight:600}
.r-report h4{margin:1rem 0 .35rem;font-size:.875rem;font-weight:600}
.r-report p{margin:0 0 .75rem;max-width:80ch}
.r-report a{color:var(--r-link);text-decoration:underline;text-decoration-thickness:1px;text-underline-offset:.2em;text-decoration-color:color-mix(in srgb,currentColor 35%,transparent)}
.r-report code{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;font-size:.86em;overflow-wrap:anywhere;background:none;padding:0}
.r-body>section{margin:0 0 2.25rem;padding:1.75rem 0 0;border-top:1px solid var(--r-line);scroll-margin-top:3rem}
.r-body>section:first-child{padding-top:0;border-top:0}
.r-contents ol{display:flex;flex-wrap:wrap;gap:.15rem 1.1rem;margin:0 0 1rem;padding:0;list-style:none}
.r-contents a{display:block;padding:.25rem 0;color:var(--r-soft)!important;text-decoration:none!important}
.r-contents a:hover{color:var(--r-ink)!important}
.r-count{display:inline-block;min-width:1.4em;padding:0 .35em;border-radius:1em;background:var(--r-back);color:var(--r-ink);font-size:.75rem;text-align:center}
.r-small{color:var(--r-soft);font-size:.8125rem}
.r-note{color:var(--r-soft);font-size:.8125rem}
.r-warning{color:var(--r-bad);font-weight:600}
.r-good{color:var(--r-good)}.r-bad{color:var(--r-bad)}.r-warn{color:var(--r-warn)}
.r-facts{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,14rem),1fr));gap:.3rem 1.5rem;margin:.4rem 0 .8rem}
.r-facts dt{color:var(--r-soft);font-size:.8125rem}
.r-facts dd{margin:0;overflow-wrap:anywhere}
.r-list{margin:.2rem 0 .8rem;padding-left:1.2rem}
.r-list li{margin:.15rem 0;overflow-wrap:anywhere}
td>.r-list{margin:0;padding-left:1rem}
.r-plain,.r-says{margin:0;padding:0;list-style:none}
.r-plain li{padding:.4rem 0;border-top:1px solid var(--r-line);overflow-wrap:anywhere}
.r-plain li:first-child{border-top:0}
.r-says li{overflow-wrap:anywhere}
.r-says{color:var(--r-soft);font-size:.8125rem}
.r-label{margin:.6rem 0 .1rem!important;font-weight:600}
.r-sub{margin-left:.6em;color:var(--r-soft);font-weight:400;font-size:.8125rem}
.r-scroll{overflow-x:auto;margin:0 0 1rem}
.r-report table{width:100%;border:0;border-collapse:collapse;border-radius:0;background:none;box-shadow:none;font-size:.8125rem;line-height:1.45}
.r-report caption{padding:0 0 .3rem;text-align:left;color:var(--r-soft);font-size:.8125rem}
.r-report th,.r-report td{padding:.3rem 1rem .3rem 0;text-align:left;vertical-align:top;border:0;border-bottom:1px solid var(--r-line);background:none}
.r-report th:last-child,.r-report td:last-child{padding-right:0}
.r-report thead th{color:var(--r-soft);font-weight:500;vertical-align:bottom;white-space:nowrap;border-bottom-color:var(--r-strong)}
.r-report tbody th{font-weight:600;min-width:0}
.r-report tbody tr:hover{background:none}
.r-report td time,.r-whole{white-space:nowrap}
.r-report .r-num{text-align:right;white-space:nowrap}
.r-of{color:var(--r-soft);white-space:nowrap}
.r-verdict-of{margin-left:.5em;font-weight:600}
.r-spark{display:block;width:7.5rem;height:1.375rem}
.r-figure{margin:.3rem 0 .5rem;padding:0;border:0;background:none;max-width:none}
.r-figure .r-scroll{margin:0}
.r-figure .r-chart{min-width:26rem;max-width:60rem}
.r-legend{display:flex;flex-wrap:wrap;gap:.2rem 1.2rem;margin:.3rem 0 .8rem;padding:0;list-style:none;color:var(--r-soft);font-size:.8125rem}
.r-legend li{display:flex;align-items:center;gap:.4em}
.r-key,.r-dash,.r-band{display:inline-block;width:.7em;height:.7em;border-radius:2px}
.r-dash{width:1.3em;height:2px;border-radius:0}.r-band{width:1.3em;opacity:.45}
.r-mark{font-weight:700}.r-t-bad{color:var(--r-bad)}.r-t-slow{color:var(--r-warn)}.r-t-unknown{color:var(--r-soft)}
.r-trends{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,26rem),1fr));gap:1.5rem 2.5rem;align-items:start}
.r-trends .r-chart{min-width:0}
.r-trends h3{margin-top:0}
.r-trend{min-width:0}
.r-fold{margin:0 0 .75rem}
.r-fold>summary{cursor:pointer;padding:.35rem 0;font-weight:600}
.r-paper{display:none}
.r-run{padding:0 0 .4rem}
${PAGE_ONE_CSS}
${PRINT_CSS}
`;

/** Styles of the self-contained file. Uses only fonts that every machine has, and leaves the paper size to the reader. */
export const FILE_CSS = `:root{color-scheme:light dark}
body{max-width:86rem;margin:0 auto;padding:1.5rem 1.5rem 3rem;font-family:Inter,system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,"DejaVu Sans",sans-serif;background:light-dark(#fff,#0e1013);color:light-dark(#14181d,#eceef1);-webkit-text-size-adjust:100%}
h1{margin:0;font-size:1.375rem;font-weight:600;line-height:1.25;letter-spacing:-.015em}
header{display:flex;flex-wrap:wrap;align-items:baseline;gap:.25rem 1rem;margin-bottom:1rem}
.r-meta{margin:0;color:light-dark(#57606b,#a3acb7);font-size:.8125rem}
.r-instead{width:100%;margin:0;font-size:.875rem;font-weight:600;color:light-dark(#8a4b00,#f0b24a)}
:focus-visible{outline:2px solid light-dark(#2450b8,#93b4ff);outline-offset:2px}
@page{margin:12mm 12mm 14mm;@bottom-right{content:counter(page) " / " counter(pages);font:7.5pt sans-serif;color:#57606b}}
@media print{:root{color-scheme:light}body{max-width:none;padding:0;background:#fff}h1{font-size:15pt}header{margin-bottom:6pt}.r-meta{font-size:8pt}footer{margin-top:8pt}.r-instead{display:none}}
@media (max-width:40rem){body{padding:1rem 1rem 2rem}}
`;
