// The page around the data. All of it is fixed text; what a log says comes in by `embedJson` alone.
// The content security policy lets nothing load, and nothing run but the page's own script.

import { createHash } from 'node:crypto';

import type { ReportData } from './client/report-data.ts';
import { clientScript } from './client-script.ts';
import { embedJson } from './embed-json.ts';
import { styles } from './styles.ts';

function sourceHash(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}

function policy(script: string, style: string): string {
  return [
    `default-src 'none'`,
    `script-src ${sourceHash(script)}`,
    `style-src ${sourceHash(style)}`,
    `base-uri 'none'`,
    `form-action 'none'`,
    `require-trusted-types-for 'script'`,
    `trusted-types 'none'`,
  ].join('; ');
}

const logo = `<svg class="logo" viewBox="0 0 24 24" width="26" height="26" aria-hidden="true">
<path class="logo-arch" d="M2.5 22V10.5a9.5 9.5 0 0 1 19 0V22"/>
<path class="logo-bars" d="M7.25 4.6V19.5M12 3V21.5M16.75 4.6V19.5M3.4 9.5H20.6M2.5 15H21.5"/>
</svg>`;

const body = `<a class="skip" href="#exposures">Skip to the exposures</a>
<header class="masthead">
<div class="brand">${logo}<span>Portcullis</span></div>
<div class="masthead-tools">
<select id="theme" aria-label="Color theme">
<option value="auto">System theme</option>
<option value="light">Light</option>
<option value="dark">Dark</option>
</select>
<button type="button" id="print">Print</button>
</div>
</header>
<main>
<noscript><p class="empty">This report is drawn by its own script, which this viewer does not run. Open the file in a browser.</p></noscript>
<section class="lead" aria-labelledby="headline">
<h1 id="headline"></h1>
<p id="period" class="period"></p>
<ul id="notes" class="notes" hidden></ul>
</section>
<section id="filters" class="filters" role="search" aria-label="Filters" hidden>
<div class="filter-search"><label class="visually-hidden" for="search">Search group, account, person, address, event</label><input id="search" type="search" placeholder="Search group, person, address, event …" autocomplete="off" spellcheck="false"></div>
<div id="severities" class="toggles" role="group" aria-label="Severity"></div>
<div id="statuses" class="toggles joined" role="group" aria-label="Status"></div>
<select id="rule" class="choice" aria-label="Rule"></select>
<select id="account" class="choice" aria-label="Account"></select>
<button type="button" id="reset" class="quiet" hidden>Reset</button>
</section>
<section id="timeline-panel" class="panel" aria-labelledby="timeline-title" hidden>
<div class="panel-head">
<h2 id="timeline-title">Timeline</h2>
<p class="range"><span id="timeline-range"></span> <abbr title="Coordinated Universal Time">UTC</abbr></p>
<div class="zoom" role="group" aria-label="Zoom">
<button type="button" id="zoom-out" aria-label="Zoom out">&minus;</button>
<button type="button" id="zoom-in" aria-label="Zoom in">+</button>
<button type="button" id="zoom-whole">Whole period</button>
</div>
</div>
<div id="timeline"></div>
<ul id="legend" class="legend" aria-label="Legend"></ul>
</section>
<section id="exposures" class="panel" aria-labelledby="exposures-title" tabindex="-1" hidden>
<div class="panel-head">
<h2 id="exposures-title">Exposures</h2>
<p id="count" class="range" role="status"></p>
<label class="check"><input type="checkbox" id="in-window"> Only the time shown above</label>
</div>
<p id="no-rows" class="empty" hidden>No exposure matches the filters.</p>
<div id="exposure-table"></div>
<button type="button" id="more-rows" class="more" hidden></button>
</section>
<section id="undetermined" class="panel" aria-labelledby="undetermined-title" tabindex="-1" hidden>
<div class="panel-head"><h2 id="undetermined-title">Undetermined changes</h2></div>
<p class="explanation">Calls that succeeded and whose effect the logs do not tell in full. They may have opened something: look at the groups themselves.</p>
<ul id="undetermined-list"></ul>
</section>
<section id="problems" class="panel" aria-labelledby="problems-title" tabindex="-1" hidden>
<div class="panel-head"><h2 id="problems-title">Problems in reading</h2></div>
<p class="explanation">What could not be read. Everything else was, and is in this report.</p>
<ul id="problem-list"></ul>
</section>
<section class="panel" aria-labelledby="stats-title">
<div class="panel-head"><h2 id="stats-title">The scan</h2></div>
<dl id="stats" class="stats"></dl>
<h3 class="stats-title">Rules looked for</h3>
<ul id="rules" class="rules"></ul>
<div id="not-run" tabindex="-1" hidden>
<h3 class="stats-title">Rules not run</h3>
<ul id="not-run-list" class="rules"></ul>
</div>
<div id="suppressed" tabindex="-1" hidden>
<h3 class="stats-title">Suppressed</h3>
<p id="suppressed-count"></p>
<ul id="suppressed-list" class="rules"></ul>
</div>
</section>
<section id="appendix" class="appendix"></section>
</main>
<footer>
<p id="generated"></p>
<p>All times are UTC. This file makes no network request.</p>
<details class="keys"><summary>Keyboard</summary>
<dl>
<div><dt><kbd>/</kbd></dt><dd>Search</dd></div>
<div><dt><kbd>&uarr;</kbd> <kbd>&darr;</kbd></dt><dd>Next row of the table or timeline</dd></div>
<div><dt><kbd>&larr;</kbd> <kbd>&rarr;</kbd></dt><dd>Next bar in the timeline</dd></div>
<div><dt><kbd>Enter</kbd></dt><dd>Details</dd></div>
<div><dt><kbd>+</kbd> <kbd>&minus;</kbd> <kbd>0</kbd></dt><dd>Zoom in, out, whole period, in the timeline</dd></div>
<div><dt><kbd>Esc</kbd></dt><dd>Close the details</dd></div>
</dl>
</details>
</footer>
<dialog id="details" class="details" aria-labelledby="details-title">
<div class="details-head">
<div class="details-tools">
<div class="stepper" role="group" aria-label="Signals">
<button type="button" id="details-previous" aria-label="Previous signal">&lsaquo;</button>
<span id="details-position"></span>
<button type="button" id="details-next" aria-label="Next signal">&rsaquo;</button>
</div>
<button type="button" id="details-close">Close</button>
</div>
<h2 id="details-title"></h2>
</div>
<div id="details-content" class="details-content" tabindex="-1" autofocus></div>
</dialog>
`;

/** The whole document, in pieces. */
export function* page(data: ReportData): Iterable<string> {
  const script = clientScript();
  yield `<!doctype html>
<html lang="en" data-theme="auto">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy(script, styles)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="robots" content="noindex">
<meta name="color-scheme" content="light dark">
<title>Portcullis</title>
<style>${styles}</style>
</head>
<body>
${body}<script type="application/json" id="data">`;
  yield* embedJson(data);
  yield `</script>
<script type="module">${script}</script>
</body>
</html>
`;
}
