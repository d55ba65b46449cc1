import { LINES, STATES, SURFACES, TEXTS, toVariables } from '../../support/design-tokens.ts';
import { CHART_CSS } from '../charts/palette.ts';

/** The report is read beside pages and alone, so it brings the tokens that it needs, below names of its own. */
const REPORT_TOKENS = toVariables({
  'r-ink': TEXTS.ink,
  'r-soft': TEXTS.soft,
  'r-line': LINES.line,
  'r-back': SURFACES.sunken,
  'r-good': STATES.good,
  'r-bad': STATES.bad,
  'r-warn': STATES.warn,
}).replaceAll('\n  ', '');

/** Styles of the report's parts; every class begins with `r-` to avoid clashes with those of the surrounding page. */
export const REPORT_CSS = `${CHART_CSS}
.r-report{${REPORT_TOKENS};color:var(--r-ink);line-height:1.5;overflow-wrap:break-word}
.r-report section{margin:0 0 2.5rem}
.r-report h2{margin:0 0 .75rem;font-size:1.35rem;line-height:1.25;padding-bottom:.3rem;border-bottom:2px solid var(--r-line)}
.r-report h3{margin:1.75rem 0 .5rem;font-size:1.08rem}
.r-report h4{margin:1.1rem 0 .4rem;font-size:.95rem}
.r-report a{color:inherit;text-decoration:underline;text-underline-offset:.15em}
.r-report code{font-family:ui-monospace,"DejaVu Sans Mono",Menlo,Consolas,monospace;font-size:.88em;overflow-wrap:anywhere}
.r-lead{margin:0 0 1.25rem;padding:.8rem 1rem;font-size:1.12rem;background:var(--r-back);border-left:5px solid var(--r-line)}
.r-lead.r-good{border-color:var(--r-good)}.r-lead.r-warn{border-color:var(--r-warn)}.r-lead.r-bad{border-color:var(--r-bad)}
.r-lead.r-good strong{color:var(--r-good)}.r-lead.r-warn strong{color:var(--r-warn)}.r-lead.r-bad strong{color:var(--r-bad)}
.r-tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(8.4rem,1fr));gap:.75rem;margin:0 0 1.25rem}
.r-tiles>div{display:flex;flex-direction:column-reverse;justify-content:flex-end;padding:.6rem .8rem;background:var(--r-back);border-top:3px solid var(--r-line)}
.r-tiles>.r-good{border-color:var(--r-good)}.r-tiles>.r-bad{border-color:var(--r-bad)}
.r-tiles dt{color:var(--r-soft);font-size:.82rem;line-height:1.3}
.r-tiles dd{margin:0;font-size:1.45rem;font-weight:650;line-height:1.25}
.r-facts{display:grid;grid-template-columns:repeat(auto-fit,minmax(14rem,1fr));gap:.3rem 1.5rem;margin:.4rem 0 .8rem;font-size:.92rem}
.r-facts dt{color:var(--r-soft);font-size:.8rem}
.r-facts dd{margin:0;overflow-wrap:anywhere}
.r-list{margin:.2rem 0 .8rem;padding-left:1.3rem}
.r-list li{margin:.15rem 0}
.r-lead,.r-list li{overflow-wrap:anywhere}
td>.r-list{margin:0;padding-left:1rem}
.r-label{margin:.6rem 0 .1rem;font-weight:600;font-size:.92rem}
.r-sub{margin-left:.6em;color:var(--r-soft);font-weight:400;font-size:.88em}
.r-note{color:var(--r-soft);font-size:.86rem}
.r-warning{color:var(--r-bad);font-weight:600}
.r-scroll{overflow-x:auto;margin:0 0 1rem}
.r-report table{width:100%;border-collapse:collapse;font-size:.88rem;line-height:1.4}
.r-report caption{padding:0 0 .35rem;text-align:left;color:var(--r-soft);font-size:.86rem}
.r-report th,.r-report td{padding:.32rem .9rem .32rem 0;text-align:left;vertical-align:top;border-bottom:1px solid var(--r-line)}
.r-report th:last-child,.r-report td:last-child{padding-right:0}
.r-report thead th{color:var(--r-soft);font-weight:600;vertical-align:bottom;border-bottom-width:2px}
.r-report tbody th{font-weight:600}
.r-report td time{white-space:nowrap}
.r-report .r-num{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}
.r-of{white-space:nowrap}
.r-group th{padding-top:.9rem!important;font-weight:700!important}
.r-bad{color:var(--r-bad)}.r-tiles .r-bad,.r-lead.r-bad,.r-tiles .r-good,.r-lead.r-good,.r-lead.r-warn{color:inherit}
.r-verdict{margin-left:.5em;font-weight:650}.r-verdict.r-good{color:var(--r-good)}
.r-spark{display:block;min-width:150px}
.r-figure{margin:.4rem 0 .6rem}
.r-figure .r-chart{min-width:34rem;max-width:60rem}
@media (max-width:40rem){.r-figure>.r-scroll{direction:rtl}.r-figure .r-chart{direction:ltr}}
.r-legend{display:flex;flex-wrap:wrap;gap:.2rem 1.2rem;margin:.3rem 0 .8rem;padding:0;list-style:none;font-size:.86rem}
.r-legend li{display:flex;align-items:center;gap:.4em}
.r-key,.r-dash,.r-band{display:inline-block;width:.85em;height:.85em}
.r-dash{width:1.3em;height:2px}.r-band{width:1.3em;opacity:.45}
.r-mark{font-weight:700}.r-t-bad{color:var(--r-bad)}.r-t-slow{color:var(--r-warn)}.r-t-unknown{color:var(--r-soft)}
.r-trend{margin-bottom:2rem}
.r-run{padding-bottom:.4rem}
@media print{
.r-report{--r-ink:#000;--r-soft:#444;--r-line:#c4c9d0;--r-back:#f4f6f8;--r-good:#17743a;--r-bad:#b3261e;--r-warn:#8f4a00;font-size:9.5pt;-webkit-print-color-adjust:exact;print-color-adjust:exact}
.r-report h2,.r-report h3,.r-report h4,.r-label,.r-report caption{break-after:avoid}
.r-report tr,.r-figure,.r-tiles,.r-lead,.r-facts>div,.r-trend .r-facts,.r-legend{break-inside:avoid}
.r-report thead{display:table-header-group}
.r-report table{font-size:8.2pt}
.r-report th,.r-report td{padding-right:.5rem}
.r-report .r-num{white-space:normal}
.r-scroll{overflow:visible}
.r-figure .r-chart{min-width:0;max-width:none}
.r-tiles{grid-template-columns:repeat(6,1fr);gap:.4rem}
.r-tiles dd{font-size:13pt}
.r-report a{text-decoration:none}
#r-audit{break-before:page}
.r-facts{grid-template-columns:repeat(3,1fr);gap:.15rem 1rem;font-size:8.6pt}
.r-facts dt{font-size:7.4pt}
.r-run .r-facts{grid-template-columns:repeat(4,1fr);font-size:8pt}
.r-report h2{font-size:14pt}.r-report h3{font-size:11pt}.r-report h4{font-size:9.5pt}.r-lead{font-size:11pt}.r-legend{font-size:8.2pt}
.r-report thead,.r-group,.r-legend{break-after:avoid}
.r-report caption{font-size:8.4pt}
.r-report section{margin-bottom:1.5rem}
.r-trend{margin-bottom:1.2rem}
}
`;

/** Styles of the self-contained file. Uses only fonts that every machine has, and leaves the paper size to the reader. */
export const FILE_CSS = `:root{color-scheme:light dark}
body{max-width:64rem;margin:0 auto;padding:1.5rem 1.25rem 3rem;font-family:system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,"DejaVu Sans",sans-serif;background:#fff;color:#1b1f24;-webkit-text-size-adjust:100%}
h1{margin:0 0 .3rem;font-size:1.8rem;line-height:1.2}
header{margin-bottom:1.5rem}
.r-meta{margin:0;color:#55606e;font-size:.9rem}
:focus-visible{outline:2px solid #2563eb;outline-offset:2px}
@media (prefers-color-scheme:dark){body{background:#14171c;color:#eceff3}.r-meta{color:#a9b4c0}:focus-visible{outline-color:#6aa5ff}}
@page{margin:15mm 13mm 16mm;@bottom-right{content:counter(page) " / " counter(pages);font:8pt sans-serif;color:#444}}
@media print{:root{color-scheme:light}body{max-width:none;padding:0;background:#fff;color:#000}h1{font-size:17pt}.r-meta{color:#444}}
`;
