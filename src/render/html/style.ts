// SPDX-License-Identifier: Apache-2.0

/** The style sheet of the HTML report: light, dark and print. Its hash is in the page's content security policy. */
export const STYLE = `
:root{color-scheme:light dark;
--page:#f6f7f9;--card:#fff;--ink:#1b2430;--soft:#586474;--faint:#667180;--rule:#e2e6eb;--band:#f1f3f7;--box:#fff;--edge:#b4bfcc;--line:#77869a;
--good:#1a7f4b;--wait:#5b6b80;--bad:#c22a36;--warn:#96600a;--bad-wash:#fdf1f1;--warn-wash:#fdf6e7;--mark-ink:#fff;--accent:#2f5fd0;
--sans:system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue","Noto Sans",Arial,sans-serif;--mono:ui-monospace,SFMono-Regular,Menlo,Consolas,"Liberation Mono",monospace}
@media (prefers-color-scheme:dark){:root{
--page:#0f141a;--card:#161c24;--ink:#e4e9ef;--soft:#a3afbd;--faint:#8c99a8;--rule:#29323d;--band:#1b232d;--box:#212b37;--edge:#4b5b6d;--line:#8798ab;
--good:#4cc38a;--wait:#9fb0c3;--bad:#ff7b80;--warn:#e5b454;--bad-wash:#2c1a1f;--warn-wash:#2a2318;--mark-ink:#10161d;--accent:#8fb0ff}}
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--ink);font:15px/1.55 var(--sans);-webkit-text-size-adjust:100%;font-variant-numeric:tabular-nums;overflow-wrap:anywhere}
main,header,footer{max-width:1240px;margin:0 auto;padding:0 28px}
header{padding-top:44px;padding-bottom:8px}
.eyebrow{margin:0;color:var(--faint);font-size:12px;font-weight:600;letter-spacing:.08em;text-transform:uppercase}
h1{margin:6px 0 4px;font-size:32px;line-height:1.2;font-weight:650;letter-spacing:-.015em}
.where{margin:0;color:var(--soft)}
.counts{display:flex;flex-wrap:wrap;gap:10px;margin:22px 0 0;padding:0;list-style:none}
.counts li{display:flex;align-items:baseline;gap:8px;padding:7px 14px;background:var(--card);border:1px solid var(--rule);border-radius:9px;color:var(--soft);font-size:13px}
.counts b{color:var(--ink);font-size:17px;font-weight:650}
.counts .problem{border-color:var(--bad)}.counts .problem b{color:var(--bad)}
.counts .gap{border-color:var(--warn)}.counts .gap b{color:var(--warn)}
section{margin:34px 0 0}
h2{margin:0 0 12px;font-size:18px;line-height:1.3;font-weight:650;letter-spacing:-.005em}
h2 .n{margin-left:6px;color:var(--faint);font-weight:500}
h3{margin:0 0 8px;font-size:15px;font-weight:650}
.card{background:var(--card);border:1px solid var(--rule);border-radius:14px;padding:18px 20px}
.empty{padding:40px 20px;text-align:center;color:var(--soft)}.empty strong{display:block;margin-bottom:4px;color:var(--ink);font-size:17px}
.overview{display:grid;gap:20px;align-items:start}
.beside{grid-template-columns:minmax(0,auto) minmax(300px,1fr)}
@media (max-width:1080px){.beside{grid-template-columns:minmax(0,1fr)}}
.canvas{overflow-x:auto;padding:12px 12px 8px;max-width:100%}
.graph{display:block;max-width:100%;height:auto;margin:0 auto}.graph.vast{max-width:none}
@media (max-width:760px){.graph{max-width:none}}
.legend{display:flex;flex-wrap:wrap;gap:6px 20px;margin:6px 8px 6px;padding:10px 0 0;border-top:1px solid var(--rule);list-style:none;color:var(--soft);font-size:12.5px}
.legend li{display:flex;align-items:center;gap:7px}
.legend svg,.state svg{display:block;flex:none}
dl.facts{margin:0}
dl.facts>div{break-inside:avoid;border-top:1px solid var(--rule);padding:8px 0}
dl.facts dt{color:var(--soft);font-size:13px}dl.facts dd{margin:0}
dl.facts small{display:block;color:var(--faint);font-size:12.5px}
.beside dl.facts>div:first-child{border-top:0;padding-top:0}.beside dl.facts>div:last-child{padding-bottom:0}
.wide dl.facts{columns:2;column-gap:48px}
.wide dl.facts>div{display:grid;grid-template-columns:176px minmax(0,1fr);gap:16px;border-top:0;border-bottom:1px solid var(--rule)}
@media (max-width:820px){.wide dl.facts{columns:1}}
.items{display:grid;gap:12px;margin:0;padding:0;list-style:none}
.item{padding:14px 18px 14px 20px;background:var(--card);border:1px solid var(--rule);border-left:4px solid var(--edge);border-radius:10px}
.item.problem{border-left-color:var(--bad)}.item.orphan,.item.gap{border-left-color:var(--warn)}
.item p{margin:0}.item .what{font-weight:600}
.item .next{margin-top:4px;color:var(--soft)}.item .next b{color:var(--ink);font-weight:600}
.tag{display:inline-flex;align-items:center;gap:6px;margin-bottom:4px;color:var(--soft);font-size:12px;font-weight:600;letter-spacing:.02em}
.problem .tag{color:var(--bad)}.orphan .tag,.gap .tag{color:var(--warn)}
.tag code{color:var(--faint);font-weight:400}
code,.mono{font-family:var(--mono);font-size:.88em}
ul.evidence{margin:8px 0 0;padding:0;list-style:none;color:var(--soft);font-size:13px}
ul.evidence li{display:grid;grid-template-columns:92px minmax(0,1fr);gap:10px;padding:2px 0}
ul.evidence .kind{color:var(--faint)}
.none{color:var(--faint)}
.running{fill:var(--good)}.exited{fill:var(--wait)}.paused{fill:var(--warn)}.created{fill:none;stroke:var(--wait);stroke-width:1.6}.unknown{stroke:var(--warn);stroke-width:2;stroke-dasharray:2 2}
.hops{margin:0;padding:0;list-style:none}
.hops>li{position:relative;padding:0 0 14px 28px}
.hops>li:last-child{padding-bottom:0}
.hops>li::before{content:"";position:absolute;left:6px;top:24px;bottom:-2px;border-left:2px solid var(--rule)}
.hops>li:last-child::before{display:none}
.hops .state{position:absolute;left:0;top:5px}
.hops strong{font-weight:650}.hops .facts{color:var(--soft)}
.hops .via{display:block;color:var(--soft);font-size:13px}
.via.broken{color:var(--bad)}
.chains{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(430px,100%),1fr));gap:16px;align-items:start}
.chains h3{display:flex;gap:8px;align-items:center;margin-bottom:14px;padding-bottom:10px;border-bottom:1px solid var(--rule)}
.chains h3 small{margin-left:auto;max-width:50%;text-align:right;color:var(--faint);font-weight:400;font-size:12.5px}
details{margin-top:2px}summary{width:max-content;color:var(--accent);font-size:12.5px;cursor:pointer}
.scroll{overflow-x:auto;padding:0}
table{width:100%;border-collapse:collapse;font-size:13px;line-height:1.45}
caption{padding:0 0 10px;color:var(--soft);text-align:left;font-size:13px}
th,td{padding:8px 12px;text-align:left;vertical-align:top;border-top:1px solid var(--rule)}
thead th{position:sticky;top:0;z-index:1;background:var(--card);border-top:0;box-shadow:0 1px var(--rule);color:var(--faint);font-size:12px;font-weight:600;white-space:nowrap}
tbody th{font-weight:600}
tbody th.group{padding-top:18px;background:var(--band);color:var(--ink);font-size:13px}tbody th.group small{margin-left:8px;color:var(--soft);font-weight:400}
td small,th small{display:block;color:var(--faint);font-size:12px;font-weight:400}
td.number{text-align:right;white-space:nowrap}th.number{text-align:right}
.containers table{min-width:1080px;table-layout:fixed}
.containers tr{break-inside:avoid}
.containers tr.sandbox{color:var(--soft)}.containers tr.sandbox th{font-weight:400}
.clip{display:block;overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
.state{display:inline-flex;align-items:center;gap:6px;white-space:nowrap}
footer{margin-top:44px;padding-top:16px;padding-bottom:40px;color:var(--faint);font-size:12.5px}
svg text{font-family:var(--sans);fill:var(--ink)}
.machine{fill:none;stroke:var(--edge);stroke-width:1.5;stroke-dasharray:2 5;stroke-linecap:round}
.orphanage{fill:var(--warn-wash);stroke:var(--warn);stroke-width:1.2;stroke-dasharray:6 4}
svg .machine-kind{fill:var(--faint);font-size:12px}svg .machine-title{font-size:14px;font-weight:650}
.band{fill:var(--band)}svg .band-name{fill:var(--soft);font-size:12px;font-weight:600}
svg .chain-title{font-size:13px;font-weight:650}.heading.broken .chain-title{fill:var(--bad)}.heading.configured .chain-title{fill:var(--soft)}
.face{fill:var(--box);stroke:var(--edge);stroke-width:1.25}
.containers>.pile{fill:var(--box);stroke:var(--edge);stroke-width:1.25}
.configured>.face,.configured>.pile{stroke:var(--wait);stroke-dasharray:6 4}
.broken>.face{fill:var(--bad-wash);stroke:var(--bad);stroke-width:2;stroke-dasharray:3 3}
.orphan>.face{stroke:var(--warn)}
svg .title{font-size:13px;font-weight:650}svg .fact{font-size:11.5px}svg .note{fill:var(--soft);font-size:11.5px}
.mark{fill:var(--good)}.mark-line{fill:none;stroke:var(--mark-ink);stroke-width:1.7;stroke-linecap:round;stroke-linejoin:round}
.mark-ring{fill:none;stroke:var(--wait);stroke-width:1.8;stroke-dasharray:3 2.4}
.broken>.mark{fill:var(--bad)}.orphan>.mark{fill:var(--warn)}
.line{fill:none;stroke:var(--line);stroke-width:1.5}.head{fill:var(--line)}
.arrow.configured .line{stroke-dasharray:6 4}
.arrow.broken .line{stroke:var(--bad);stroke-width:2;stroke-dasharray:3 3}.arrow.broken .head{fill:var(--bad)}
.plate{fill:var(--card)}.plate.in-band{fill:var(--band)}svg .via,svg .address{font-size:11px;text-anchor:middle}svg .via{font-weight:600;fill:var(--soft)}svg .address{fill:var(--faint)}
.label.broken .plate{stroke:var(--bad)}.label.broken .via{fill:var(--bad)}
@media print{
:root{color-scheme:light;--page:#fff;--card:#fff;--ink:#000;--soft:#333;--faint:#444;--rule:#ccc;--band:#f3f3f3;--box:#fff;--edge:#888;--line:#444;--good:#1a7f4b;--wait:#555;--bad:#a51d2a;--warn:#7a4d00;--bad-wash:#fff;--warn-wash:#fff;--mark-ink:#fff}
*{print-color-adjust:exact}body{font-size:10.5pt}header,main,footer{max-width:none;padding-left:0;padding-right:0}header{padding-top:0}
.beside{grid-template-columns:minmax(0,1fr)}.canvas,.scroll{overflow:visible}.graph{width:auto;height:auto;max-width:100%;max-height:195mm}
.containers table{min-width:0;font-size:8pt}.canvas{break-inside:avoid}thead th{position:static}th,td{padding:4px 6px}
.item,.card.keep{break-inside:avoid}h2{break-after:avoid}
summary{display:none}details::details-content{content-visibility:visible;display:block}
}
`
