/** On paper: light, dense, a dozen charts on a page and a half, and no element split across pages. */
export const PRINT_CSS = `
@media print{
.r-report{font-size:8.5pt;line-height:1.4;-webkit-print-color-adjust:exact;print-color-adjust:exact}
.r-report p{margin-bottom:4pt;max-width:none}
.r-report h2{font-size:12pt;margin-bottom:4pt;break-after:avoid}
.r-report h3,.r-report h4,.r-label,.r-report caption{break-after:avoid}
.r-report h3{font-size:8.5pt;margin:6pt 0 2pt}
.r-report tr,.r-figure,.r-tiles,.r-verdict,.r-facts>div,.r-legend,.r-panel,.r-trend{break-inside:avoid}
.r-report thead{display:table-header-group}
.r-report thead,.r-legend{break-after:avoid}
.r-report table,.r-report caption,.r-small,.r-note,.r-says,.r-sub,.r-legend,.r-facts dt,.r-tag{font-size:7.5pt;line-height:1.35}
.r-report th,.r-report td{padding:1.6pt 6pt 1.6pt 0}
.r-report thead th{white-space:normal}
.r-scroll{overflow:visible;margin-bottom:6pt}
.r-report a{color:inherit;text-decoration:none}
.r-body>section{margin:0 0 10pt;padding-top:8pt}
.r-contents ol{gap:0 12pt;margin-bottom:6pt;font-size:7.5pt}
.r-contents a{padding:0}
.r-report .r-verdict{margin-bottom:5pt;font-size:13pt}
.r-tone{font-size:8pt}
.r-tiles{grid-template-columns:repeat(8,minmax(0,1fr));margin-bottom:4pt}
.r-tiles>div{padding:3pt 4pt}
.r-tiles dt,.r-tiles dd.r-move,.r-tiles dd.r-small{font-size:6.5pt}
.r-tiles dd{font-size:10pt;white-space:normal}
#r-headline>.r-note{margin-bottom:5pt;font-size:6.8pt}
#r-headline{break-after:page}
.r-first{gap:6pt}
.r-all table th,.r-all table td{padding-top:1pt;padding-bottom:1pt}
.r-beside{grid-template-columns:1fr 1fr;gap:8pt}
.r-panel{padding:4pt 6pt}
.r-panel li{padding:2pt 0;font-size:7.5pt}
.r-panel h3{margin:0}
.r-spark{width:70pt;height:13pt}
.r-figure{margin:2pt 0}
.r-figure .r-chart{min-width:0}
.r-trends{grid-template-columns:1fr 1fr;gap:8pt 14pt}
.r-facts{gap:1pt 10pt;grid-template-columns:repeat(4,1fr)}
.r-fold:not([open]){display:none}
.r-fold>summary{list-style:none}
.r-paper{display:block}
.r-run .r-facts{font-size:7.5pt}
}
`;
