// The page's styles. Colors are defined once, as pairs for light and dark, and named for their use.

const css = String.raw;

export const styles = css`
  :root {
    color-scheme: light dark;
    --page: light-dark(#f5f6f8, #0f1418);
    --surface: light-dark(#ffffff, #161d23);
    --raised: light-dark(#ffffff, #1d262e);
    --hover: light-dark(#f1f4f7, #1c252c);
    --ink: light-dark(#16202a, #e4eaf0);
    --ink-soft: light-dark(#54626f, #9fb0be);
    --line: light-dark(#dde3e9, #2a353f);
    --line-soft: light-dark(#ebeff3, #212b33);
    --control: light-dark(#b9c4ce, #465461);
    --accent: light-dark(#155fa8, #6cb2f5);
    --accent-ink: light-dark(#ffffff, #0b1620);
    --accent-soft: light-dark(#e3eefa, #173047);
    --alarm: light-dark(#b3261e, #ff8a7a);
    --alarm-soft: light-dark(#fdecea, #3a1c1a);
    --caution-soft: light-dark(#fff5dc, #33290f);
    --caution-line: light-dark(#e3c266, #6b5620);
    --on-bar: light-dark(#ffffff, #10161b);
    --critical: light-dark(#8a1253, #ff7fb6);
    --high: light-dark(#c2362b, #ff8674);
    --medium: light-dark(#a65f00, #efb04e);
    --low: light-dark(#2f6f9f, #74b9ee);
    --info: light-dark(#5d6b78, #9fb0be);
    --shadow: light-dark(rgb(20 32 42 / 0.18), rgb(0 0 0 / 0.6));
    --sans:
      -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', 'Liberation Sans', Arial, sans-serif;
    --mono: ui-monospace, 'SF Mono', Menlo, Consolas, 'Liberation Mono', monospace;
    --gutter: 380px;
  }
  :root[data-theme='light'] {
    color-scheme: light;
  }
  :root[data-theme='dark'] {
    color-scheme: dark;
  }

  *,
  *::before,
  *::after {
    box-sizing: border-box;
  }
  [hidden] {
    display: none !important;
  }
  html {
    -webkit-text-size-adjust: 100%;
    scroll-padding-top: 72px;
  }
  body {
    margin: 0;
    background: var(--page);
    color: var(--ink);
    font: 14px/1.5 var(--sans);
    font-variant-numeric: tabular-nums;
  }
  h1,
  h2,
  h3,
  h4,
  h5,
  p,
  ul,
  ol,
  dl,
  dd,
  pre {
    margin: 0;
    padding: 0;
  }
  ul,
  ol {
    list-style: none;
  }
  a {
    color: var(--accent);
    text-underline-offset: 2px;
  }
  :focus-visible {
    outline: 2px solid var(--accent);
    outline-offset: 2px;
    border-radius: 3px;
  }
  [tabindex='-1']:focus-visible {
    outline: none;
  }
  .visually-hidden {
    position: absolute;
    width: 1px;
    height: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }
  .mono {
    font-family: var(--mono);
    font-size: 0.93em;
  }
  .time {
    white-space: nowrap;
  }
  .strong-line {
    font-weight: 600;
  }
  .sub-line {
    display: block;
    color: var(--ink-soft);
    font-size: 12.5px;
  }
  .chip {
    display: inline-block;
    padding: 0 7px;
    border: 1px solid var(--line);
    border-radius: 4px;
    background: var(--page);
    font-size: 12.5px;
  }
  .skip {
    position: absolute;
    left: 16px;
    top: -60px;
    z-index: 30;
    padding: 8px 14px;
    background: var(--accent);
    color: var(--accent-ink);
    border-radius: 0 0 6px 6px;
  }
  .skip:focus {
    top: 0;
  }

  button,
  select,
  input {
    font: inherit;
    color: inherit;
  }
  button,
  select,
  input[type='search'] {
    min-height: 34px;
    padding: 4px 12px;
    border: 1px solid var(--control);
    border-radius: 6px;
    background: var(--surface);
  }
  button {
    cursor: pointer;
  }
  button:hover:enabled {
    background: var(--hover);
    border-color: var(--ink-soft);
  }
  button:disabled {
    opacity: 0.45;
    cursor: default;
  }
  button.quiet {
    border-color: transparent;
    background: none;
    color: var(--accent);
  }
  select {
    max-width: 100%;
    text-overflow: ellipsis;
  }

  .masthead,
  main,
  footer {
    width: 100%;
    max-width: 2000px;
    margin: 0 auto;
    padding-inline: clamp(14px, 2.4vw, 48px);
  }
  .masthead {
    display: flex;
    align-items: center;
    justify-content: space-between;
    gap: 16px;
    padding-block: 14px;
  }
  .brand {
    display: flex;
    align-items: center;
    gap: 10px;
    font-size: 16px;
    font-weight: 650;
    letter-spacing: 0.01em;
  }
  .logo {
    fill: none;
    stroke: var(--ink);
    stroke-linecap: round;
  }
  .logo-arch {
    stroke-width: 2.2;
  }
  .logo-bars {
    stroke-width: 1.5;
    stroke: var(--accent);
  }
  .masthead-tools {
    display: flex;
    gap: 8px;
  }

  .lead {
    padding-block: 18px 22px;
  }
  h1 {
    font-size: clamp(26px, 3.2vw, 38px);
    font-weight: 650;
    line-height: 1.15;
    letter-spacing: -0.018em;
    text-wrap: balance;
  }
  .period {
    display: flex;
    flex-wrap: wrap;
    margin-top: 8px;
    color: var(--ink-soft);
    font-size: 15px;
  }
  .period span + span::before {
    content: '·';
    margin-inline: 10px;
  }
  .notes {
    display: flex;
    flex-wrap: wrap;
    gap: 8px;
    margin-top: 14px;
  }
  .note {
    display: inline-block;
    padding: 4px 12px;
    border: 1px solid var(--caution-line);
    border-radius: 6px;
    background: var(--caution-soft);
    color: var(--ink);
    text-decoration: none;
  }
  .note:hover {
    text-decoration: underline;
  }

  .filters {
    position: sticky;
    top: 0;
    z-index: 10;
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 8px;
    margin-inline: calc(-1 * clamp(14px, 2.4vw, 48px));
    padding: 10px clamp(14px, 2.4vw, 48px);
    background: var(--page);
    border-bottom: 1px solid transparent;
  }
  .filter-search {
    flex: 1 1 260px;
    max-width: 460px;
  }
  .filter-search input {
    width: 100%;
  }
  .filter-search input::placeholder {
    color: var(--ink-soft);
    opacity: 1;
  }
  .choice {
    max-width: 240px;
  }
  .toggles {
    display: flex;
    flex-wrap: wrap;
    gap: 6px;
  }
  .toggles.joined {
    gap: 0;
  }
  .toggles.joined .toggle {
    border-radius: 0;
    margin-left: -1px;
  }
  .toggles.joined .toggle:first-child {
    border-radius: 6px 0 0 6px;
    margin-left: 0;
  }
  .toggles.joined .toggle:last-child {
    border-radius: 0 6px 6px 0;
  }
  .toggle {
    display: inline-flex;
    align-items: center;
    gap: 8px;
  }
  .toggle:focus-visible {
    position: relative;
    z-index: 1;
  }
  .toggle[aria-pressed='true'] {
    position: relative;
    border-color: var(--accent);
    background: var(--accent-soft);
    box-shadow: inset 0 0 0 1px var(--accent);
  }
  .toggle .count {
    color: var(--ink-soft);
  }

  .panel {
    margin-bottom: 22px;
    border: 1px solid var(--line);
    border-radius: 10px;
    background: var(--surface);
    overflow: clip;
  }
  .filters + .panel {
    margin-top: 8px;
  }
  .panel-head {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 6px 18px;
    min-height: 52px;
    padding: 8px 18px;
  }
  h2 {
    font-size: 17px;
    font-weight: 650;
    letter-spacing: -0.005em;
  }
  .range {
    color: var(--ink-soft);
  }
  .range abbr {
    text-decoration: none;
  }
  .zoom {
    display: flex;
    gap: 6px;
    margin-left: auto;
  }
  .check {
    display: flex;
    align-items: center;
    gap: 8px;
    min-height: 34px;
    margin-left: auto;
  }
  .check input {
    width: 16px;
    height: 16px;
    margin: 0;
    accent-color: var(--accent);
  }
  .empty,
  .explanation {
    padding: 4px 18px 16px;
    color: var(--ink-soft);
  }
  .more {
    display: block;
    margin: 12px auto;
  }

  .severity-critical {
    --severity: var(--critical);
  }
  .severity-high {
    --severity: var(--high);
  }
  .severity-medium {
    --severity: var(--medium);
  }
  .severity-low {
    --severity: var(--low);
  }
  .severity-info {
    --severity: var(--info);
  }
  .severity {
    display: inline-flex;
    align-items: center;
    gap: 7px;
    color: var(--severity);
    font-weight: 600;
    text-transform: capitalize;
    white-space: nowrap;
  }
  .severity .on {
    fill: var(--severity);
  }
  .severity .off {
    fill: var(--line);
  }
  .open-mark {
    display: inline-block;
    padding: 0 8px;
    border-radius: 4px;
    background: var(--alarm-soft);
    color: var(--alarm);
    font-weight: 600;
    white-space: nowrap;
  }

  #timeline {
    padding: 0 18px;
  }
  .definitions {
    position: absolute;
    width: 0;
    height: 0;
  }
  .overview {
    position: relative;
    height: 44px;
    margin: 0 var(--scroll-bar, 0) 0 var(--gutter);
    border-bottom: 1px solid var(--line);
    touch-action: pan-y;
    cursor: crosshair;
    user-select: none;
  }
  .overview-picture {
    display: block;
    width: 100%;
  }
  .overview-area {
    fill: var(--control);
    opacity: 0.55;
  }
  .overview-most {
    position: absolute;
    right: calc(100% + 14px);
    bottom: 6px;
    color: var(--ink-soft);
    font-size: 12.5px;
    white-space: nowrap;
  }
  .shade {
    position: absolute;
    inset-block: 0;
    left: 0;
    background: var(--surface);
    opacity: 0.72;
    pointer-events: none;
  }
  .brush {
    position: absolute;
    inset-block: 0;
    border-inline: 1px solid var(--accent);
    background: color-mix(in srgb, var(--accent) 7%, transparent);
  }
  .handle {
    position: absolute;
    inset-block: 0;
    width: 24px;
    margin-left: -12px;
    cursor: ew-resize;
    touch-action: none;
  }
  .handle::after {
    content: '';
    position: absolute;
    left: 9px;
    top: 12px;
    width: 6px;
    height: 20px;
    border-radius: 3px;
    background: var(--accent);
  }
  .axis-strip {
    margin: 0 var(--scroll-bar, 0) 0 var(--gutter);
    border-bottom: 1px solid var(--line);
    overflow: clip;
    overflow-clip-margin: 40px;
  }
  .axis {
    display: block;
    width: 100%;
    height: 25px;
    overflow: visible;
  }
  .axis line,
  .grid line {
    stroke: var(--line-soft);
    shape-rendering: crispEdges;
  }
  .axis line,
  .grid line.major {
    stroke: var(--line);
  }
  .axis text {
    fill: var(--ink-soft);
    font-size: 12px;
    text-anchor: middle;
    dominant-baseline: central;
  }
  .axis text.major {
    fill: var(--ink);
    font-weight: 600;
  }
  .plot-scroller {
    max-height: min(62vh, 640px);
    overflow: hidden auto;
  }
  .plot-body {
    position: relative;
  }
  .lane-labels {
    position: absolute;
    inset: 0 0 auto 0;
    z-index: 1;
    pointer-events: none;
  }
  .lane {
    position: absolute;
    width: 100%;
    border-bottom: 1px solid var(--line-soft);
  }
  .lane-title {
    position: absolute;
    left: 0;
    top: 4px;
    width: calc(var(--gutter) - 150px);
    line-height: 19px;
    pointer-events: auto;
  }
  .lane-title bdi,
  .lane-row bdi {
    display: block;
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  .lane-name {
    font-weight: 600;
  }
  .lane-detail {
    color: var(--ink-soft);
    font-size: 12px;
  }
  .lane-row {
    position: absolute;
    left: calc(var(--gutter) - 144px);
    width: 130px;
    height: 26px;
    line-height: 26px;
    text-align: right;
    pointer-events: auto;
  }
  .canvas {
    position: absolute;
    left: var(--gutter);
    top: 0;
    width: calc(100% - var(--gutter));
    touch-action: pan-y;
    user-select: none;
  }
  .selection {
    position: absolute;
    inset-block: 0;
    border-inline: 1px solid var(--accent);
    background: color-mix(in srgb, var(--accent) 14%, transparent);
    pointer-events: none;
  }
  .item {
    cursor: pointer;
    outline: none;
  }
  .hit {
    fill: transparent;
  }
  .bar-fill {
    fill: var(--severity);
  }
  .hatch-stroke {
    fill: none;
    stroke: var(--on-bar);
    stroke-width: 1.4;
    opacity: 0.3;
  }
  .bar-hatch {
    pointer-events: none;
  }
  .bar-label {
    fill: var(--ink-soft);
    font-size: 12px;
    dominant-baseline: central;
    pointer-events: none;
  }
  .bar-label.inside {
    fill: var(--on-bar);
    font-weight: 600;
  }
  .label-ground {
    stroke: none !important;
    pointer-events: none;
  }
  .bar-label.before {
    text-anchor: end;
  }
  .item:hover .bar-fill,
  .item.kin .bar-fill {
    stroke: var(--ink);
    stroke-width: 1.5;
  }
  .item:focus-visible .bar-fill,
  .item:focus-visible .moment-mark {
    stroke: var(--accent);
    stroke-width: 3;
    paint-order: stroke;
  }
  .item:focus-visible .hit {
    stroke: var(--accent);
    stroke-width: 2;
  }
  .moment-mark {
    fill: var(--surface);
    stroke: var(--ink);
    stroke-width: 1.5;
  }
  .moment-sign {
    fill: var(--ink);
    font-size: 10px;
    font-weight: 700;
    text-anchor: middle;
    dominant-baseline: central;
    pointer-events: none;
  }
  .legend {
    display: flex;
    flex-wrap: wrap;
    gap: 4px 20px;
    padding: 12px 18px;
    border-top: 1px solid var(--line);
    color: var(--ink-soft);
    font-size: 12.5px;
  }
  .legend li {
    display: flex;
    align-items: center;
    gap: 8px;
  }
  .legend-mark {
    fill: var(--ink-soft);
  }
  .swatch {
    overflow: visible;
  }
  .tip {
    position: fixed;
    z-index: 20;
    max-width: min(420px, calc(100vw - 28px));
    padding: 8px 12px;
    border: 1px solid var(--line);
    border-radius: 6px;
    background: var(--raised);
    box-shadow: 0 6px 20px var(--shadow);
    font-size: 13px;
    overflow-wrap: anywhere;
    pointer-events: none;
  }
  .tip p:first-child {
    font-weight: 600;
  }
  .tip p + p {
    color: var(--ink-soft);
  }

  .exposures {
    width: 100%;
    border-collapse: collapse;
    table-layout: fixed;
  }
  .exposures th.cell-severity {
    width: 106px;
  }
  .exposures th.cell-account {
    width: 128px;
  }
  .exposures th.cell-opened {
    width: 168px;
  }
  .exposures th.cell-duration {
    width: 186px;
  }
  .exposures th {
    padding: 0 6px;
    border-block: 1px solid var(--line);
    background: var(--page);
    text-align: left;
    font-weight: 600;
  }
  .exposures td {
    padding: 7px 12px;
    border-top: 1px solid var(--line-soft);
    vertical-align: top;
    overflow-wrap: anywhere;
  }
  .exposures th:first-child {
    padding-left: 12px;
  }
  .exposures td:first-child {
    padding-left: 18px;
  }
  .exposures td:last-child {
    padding-right: 18px;
  }
  .exposures tbody tr {
    cursor: pointer;
  }
  .exposures tbody tr:hover {
    background: var(--hover);
  }
  .exposures tbody tr:has(:focus-visible) {
    background: var(--accent-soft);
  }
  .exposures .same-signal td {
    border-top-color: transparent;
  }
  .exposures .same-signal :is(.cell-group, .cell-account, .cell-who, .cell-width) {
    color: var(--ink-soft);
  }
  .exposures .same-signal :is(.cell-group, .cell-who) .strong-line {
    font-weight: 400;
  }
  .sort {
    min-height: 34px;
    padding: 4px 6px;
    border: 0;
    background: none;
    color: var(--ink-soft);
    font-weight: 600;
    white-space: nowrap;
  }
  .sort::after {
    content: '';
    display: inline-block;
    width: 0.9em;
    margin-left: 4px;
  }
  [aria-sort='descending'] .sort::after {
    content: '↓';
  }
  [aria-sort='ascending'] .sort::after {
    content: '↑';
  }
  [aria-sort] .sort {
    color: var(--ink);
  }
  .row-button {
    min-height: 0;
    padding: 0;
    border: 0;
    background: none !important;
    text-align: left;
    color: var(--ink);
  }
  .exposures tr:hover .row-button {
    text-decoration: underline;
    text-underline-offset: 3px;
  }
  .meter {
    display: block;
    margin-block: 2px 3px;
  }
  .meter text {
    fill: var(--ink-soft);
    font-size: 9px;
  }
  .meter-track {
    fill: var(--line);
  }
  .meter-fill {
    fill: var(--ink-soft);
  }

  .entry {
    padding: 12px 18px;
    border-top: 1px solid var(--line-soft);
    overflow-wrap: anywhere;
  }
  .entry-head {
    display: flex;
    flex-wrap: wrap;
    align-items: baseline;
    gap: 2px 14px;
  }
  .entry details,
  .entry > .places {
    margin-top: 6px;
  }
  .entry summary {
    cursor: pointer;
  }
  .stats {
    display: grid;
    grid-template-columns: repeat(auto-fill, minmax(150px, 1fr));
    gap: 14px 18px;
    padding: 4px 18px 18px;
  }
  .stats-title {
    padding: 0 18px;
    color: var(--ink-soft);
    font-size: 12.5px;
    font-weight: 400;
  }
  .rules {
    display: grid;
    grid-template-columns: repeat(auto-fill, minmax(min(320px, 100%), 1fr));
    gap: 6px 18px;
    padding: 4px 18px 18px;
  }
  .stat dt {
    color: var(--ink-soft);
    font-size: 12.5px;
  }
  .stat dd {
    font-size: 18px;
    font-weight: 600;
  }

  footer {
    display: flex;
    flex-wrap: wrap;
    gap: 4px 24px;
    padding-block: 4px 32px;
    color: var(--ink-soft);
  }
  .keys summary {
    cursor: pointer;
  }
  .keys dl {
    padding-top: 8px;
  }
  .keys dl div {
    display: flex;
    gap: 12px;
  }
  .keys dt {
    min-width: 90px;
  }
  kbd {
    padding: 0 5px;
    border: 1px solid var(--line);
    border-radius: 4px;
    background: var(--surface);
    font: inherit;
  }

  .details {
    width: min(760px, 100vw);
    max-width: none;
    height: 100dvh;
    max-height: none;
    margin: 0 0 0 auto;
    padding: 0;
    border: 0;
    border-left: 1px solid var(--line);
    background: var(--surface);
    color: var(--ink);
    box-shadow: -12px 0 40px var(--shadow);
  }
  .details[open] {
    display: flex;
    flex-direction: column;
  }
  .details::backdrop {
    background: rgb(10 18 26 / 0.42);
  }
  .details-head {
    padding: 12px 24px 16px;
    border-bottom: 1px solid var(--line);
  }
  .details-tools {
    display: flex;
    justify-content: space-between;
    margin-bottom: 10px;
  }
  .stepper {
    display: flex;
    align-items: center;
    gap: 10px;
    color: var(--ink-soft);
  }
  .stepper button {
    min-width: 34px;
    padding-inline: 0;
    font-size: 18px;
    line-height: 1;
  }
  .details-head h2 {
    font-size: 21px;
    line-height: 1.3;
    letter-spacing: -0.01em;
    overflow-wrap: anywhere;
    text-wrap: pretty;
  }
  .details-content {
    flex: 1;
    min-height: 0;
    padding: 16px 24px 40px;
    overflow-y: auto;
    overflow-wrap: anywhere;
  }
  .signal-status {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 16px;
  }
  .signal-place {
    margin-top: 4px;
  }
  .part {
    margin-top: 26px;
  }
  .part-title {
    margin-bottom: 8px;
    padding-bottom: 5px;
    border-bottom: 1px solid var(--line);
    font-size: 15px;
    font-weight: 650;
  }
  .part h4 {
    margin-block: 14px 4px;
    font-size: 14px;
  }
  .facts {
    display: grid;
    gap: 5px;
  }
  .fact {
    display: grid;
    grid-template-columns: 132px minmax(0, 1fr);
    gap: 12px;
  }
  .fact dt {
    color: var(--ink-soft);
  }
  .copy {
    min-height: 24px;
    margin-left: 8px;
    padding: 0 8px;
    border-color: var(--line);
    background: var(--surface);
    color: var(--ink-soft);
    font-size: 12px;
  }
  .opening {
    padding-block: 8px;
  }
  .opening + .opening {
    border-top: 1px solid var(--line-soft);
  }
  .ports {
    display: flex;
    flex-wrap: wrap;
    gap: 2px 16px;
    font-weight: 600;
  }
  .opening-time,
  .opening-width {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 2px 10px;
  }
  .opening-width {
    color: var(--ink-soft);
  }
  .events li {
    display: flex;
    flex-wrap: wrap;
    align-items: baseline;
    gap: 0 14px;
    padding-block: 4px;
  }
  .events li + li {
    border-top: 1px solid var(--line-soft);
  }
  .event-role {
    color: var(--ink-soft);
  }
  .chips {
    display: flex;
    flex-wrap: wrap;
    gap: 4px;
    margin-top: 10px;
  }
  .references {
    margin-top: 10px;
  }

  .rich > * + * {
    margin-top: 10px;
  }
  .rich :is(h4, h5) {
    margin-top: 18px;
    font-size: 14px;
    font-weight: 650;
  }
  .rich :is(ul, ol) {
    padding-left: 22px;
  }
  .rich ul {
    list-style: disc;
  }
  .rich ol {
    list-style: decimal;
  }
  .rich li + li,
  .rich li > * + * {
    margin-top: 5px;
  }
  .rich code {
    padding: 1px 4px;
    border-radius: 3px;
    background: var(--page);
    font-family: var(--mono);
    font-size: 0.93em;
  }
  .rich blockquote {
    margin: 10px 0 0;
    padding-left: 12px;
    border-left: 3px solid var(--line);
    color: var(--ink-soft);
  }
  .rich hr {
    border: 0;
    border-top: 1px solid var(--line);
  }
  .rich :is(th, td) {
    padding: 3px 10px;
    border: 1px solid var(--line);
    text-align: left;
  }
  .rich table {
    border-collapse: collapse;
  }
  .table-scroller {
    overflow-x: auto;
  }
  .code-block {
    display: grid;
    grid-template-columns: minmax(0, 1fr) auto;
    border: 1px solid var(--line);
    border-radius: 6px;
    background: var(--page);
  }
  .code-block pre {
    padding: 9px 12px;
    overflow-x: auto;
    overflow-wrap: normal;
  }
  .code-block code {
    padding: 0;
    background: none;
  }
  .code-block .copy {
    align-self: start;
    margin: 7px;
  }
  .appendix {
    display: none;
  }

  @media screen and (min-width: 1700px) {
    :root {
      --gutter: 470px;
    }
  }
  @media screen and (max-width: 1240px) {
    .exposures,
    .exposures tbody,
    .exposures tr {
      display: block;
    }
    .exposures thead tr {
      display: flex;
      flex-wrap: wrap;
      gap: 6px;
      padding: 0 18px 12px;
    }
    .sort {
      padding: 4px 10px;
      border: 1px solid var(--line);
    }
    th:not([aria-sort]) .sort::after {
      content: none;
    }
    .exposures thead,
    .exposures th {
      display: block;
      border: 0;
      background: none;
    }
    .exposures th:nth-child(n) {
      width: auto;
      padding: 0;
    }
    .exposures tbody tr {
      display: grid;
      grid-template-columns: repeat(4, minmax(0, 1fr));
      gap: 6px 14px;
      padding: 12px 18px;
      border-top: 1px solid var(--line);
    }
    .exposures td,
    .exposures td:first-child,
    .exposures td:last-child {
      display: block;
      padding: 0;
      border: 0;
    }
    .exposures td:not(.cell-severity, .cell-port)::before {
      content: attr(data-title);
      display: block;
      color: var(--ink-soft);
      font-size: 12px;
    }
  }
  @media screen and (max-width: 1180px) {
    :root {
      --gutter: 300px;
    }
  }
  @media screen and (max-width: 860px) {
    :root {
      --gutter: 96px;
    }
    .filters {
      position: static;
    }
    .filter-search {
      flex-basis: 100%;
      max-width: none;
    }
    .period {
      flex-direction: column;
    }
    .period span + span::before {
      content: none;
    }
    .choice {
      flex: 1 1 40%;
      min-width: 0;
      max-width: 100%;
    }
    #timeline {
      padding: 0 10px;
    }
    .overview-most {
      width: calc(var(--gutter) - 14px);
      white-space: normal;
      line-height: 1.2;
    }
    .zoom,
    .check {
      margin-left: 0;
    }

    .exposures tbody tr {
      grid-template-columns: repeat(2, minmax(0, 1fr));
    }
    .details-head,
    .details-content {
      padding-inline: 16px;
    }
    .fact {
      grid-template-columns: minmax(0, 1fr);
      gap: 0;
    }
  }
  .stacked .lane-title {
    display: flex;
    gap: 8px;
    width: 100%;
    top: 3px;
    background: var(--surface);
    line-height: 22px;
  }
  .stacked .lane-name {
    flex: none;
    max-width: 60%;
  }
  .stacked .lane-row {
    left: 0;
    width: calc(var(--gutter) - 8px);
    text-align: left;
    font-size: 12.5px;
  }

  @media (forced-colors: active) {
    .bar-fill,
    .moment-mark,
    .severity .on,
    .meter-fill,
    .legend-mark {
      fill: CanvasText;
    }
    .hatch-stroke {
      stroke: Canvas;
    }
    .toggle[aria-pressed='true'] {
      outline: 2px solid Highlight;
    }
  }
  @media (prefers-reduced-motion: no-preference) {
    .details[open] {
      animation: slide-in 0.16s ease-out;
    }
    @keyframes slide-in {
      from {
        transform: translateX(24px);
        opacity: 0;
      }
    }
  }

  .whole {
    --gutter: 300px;
  }
  .whole .plot-scroller {
    max-height: none;
    overflow: hidden;
  }
  @page {
    size: landscape;
    margin: 12mm;
  }
  @media print {
    :root,
    :root[data-theme] {
      color-scheme: light;
      --page: #ffffff;
    }
    body {
      font-size: 11px;
      print-color-adjust: exact;
      -webkit-print-color-adjust: exact;
    }
    .masthead,
    main,
    footer {
      max-width: none;
      padding-inline: 0;
    }
    .masthead-tools,
    .filters,
    .zoom,
    .check,
    .more,
    .copy,
    .keys,
    .skip,
    .tip,
    .notes,
    .handle,
    .stepper,
    .details-tools {
      display: none !important;
    }
    .panel {
      border-color: #c5ccd3;
      border-radius: 0;
    }
    .exposures thead {
      display: table-header-group;
    }
    .exposures tr,
    .entry,
    .opening,
    .fact,
    .code-block {
      break-inside: avoid;
    }
    .exposures td,
    .exposures th {
      padding: 4px 6px;
    }
    .exposures td:first-child,
    .exposures th:first-child {
      padding-left: 18px;
    }
    .appendix h2 + article {
      margin-top: 12px;
    }
    .exposures th:nth-child(n) {
      width: auto;
    }
    .sort {
      min-height: 0;
      padding-inline: 0;
    }
    .sub-line,
    .lane-detail,
    .bar-label {
      font-size: 10px;
    }
    .overview .shade,
    .brush {
      background: none;
    }
    h2,
    h3,
    h4 {
      break-after: avoid;
    }
    .code-block pre {
      white-space: pre-wrap;
      overflow-wrap: anywhere;
    }
    .appendix {
      display: block;
      break-before: page;
    }
    .appendix article + article {
      margin-top: 24px;
      padding-top: 16px;
      border-top: 2px solid var(--ink);
    }
    .appendix .signal-title {
      margin-bottom: 8px;
      font-size: 17px;
    }
    body:has(dialog[open]) :is(.masthead, main, footer) {
      display: none;
    }
    .details {
      position: static;
      width: auto;
      height: auto;
      box-shadow: none;
      border: 0;
    }
    .details-content {
      overflow: visible;
    }
    .details::backdrop {
      background: none;
    }
  }
`;
