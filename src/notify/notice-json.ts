// A notice for programs, the same in every channel that carries JSON. It is a function of the notice,
// so a repetition is the same text. Where a receiver has no room for all of it, details are left out
// and `isCut` says so; who, what and where are always there.

import type { Exposure } from '../model/exposure.ts';
import { isObject, type JsonObject } from '../model/json.ts';
import type { Signal } from '../model/signal.ts';
import type { Notice } from '../model/stored.ts';
import { exposureJson, safeJson, signalJson } from '../render/machine-json.ts';
import { byteLength } from './fit.ts';
import { storyOf } from './story.ts';

/** How much is kept at each step; the last one has room for what anybody may have written. */
const steps = [
  { hasMessage: true, exposures: Infinity, events: Infinity, characters: Infinity },
  { hasMessage: false, exposures: Infinity, events: 1000, characters: 10_000 },
  { hasMessage: false, exposures: 100, events: 100, characters: 1000 },
  { hasMessage: false, exposures: 10, events: 10, characters: 200 },
] as const;

type Step = (typeof steps)[number];

/** In bytes of UTF-8; without a limit nothing is left out. */
export function noticeJson(notice: Notice, maxBytes = Infinity): JsonObject {
  for (const step of steps) {
    const form = formOf(notice, step);
    if (maxBytes === Infinity || byteLength(safeJson(form)) <= maxBytes) return form;
  }
  return { ...formOf(notice, steps[3]), exposures: [], consoleUrl: null };
}

/** The same as text. */
export function noticeText(notice: Notice, maxBytes = Infinity): string {
  return safeJson(noticeJson(notice, maxBytes));
}

function formOf(notice: Notice, step: Step): JsonObject {
  const { key, kind, signal, exposures, correction, replaces, triage, noticedMs } = notice;
  const whole: JsonObject = {
    schemaVersion: 1,
    key,
    kind,
    noticedAt: new Date(noticedMs).toISOString(),
    correction,
    replaces,
    ...(triage === undefined ? {} : { triage: { by: triage.by, reason: triage.reason } }),
    consoleUrl: storyOf(notice).consoleUrl,
    signal: signalJson(signal),
    exposures: exposures.map(exposureJson),
  };
  if (step.exposures === Infinity && step.hasMessage) return { ...whole, isCut: false };
  const cut = {
    ...whole,
    isCut: true,
    signal: signalJson(cutSignal(signal, step)),
    exposures: exposures
      .slice(0, step.exposures)
      .map((exposure) => exposureJson(cutExposure(exposure, step))),
  };
  return shortened(cut, step.characters);
}

function cutSignal(signal: Signal, step: Step): Signal {
  return {
    ...signal,
    message: step.hasMessage ? signal.message : '',
    exposures: signal.exposures.slice(0, step.exposures),
    eventIds: signal.eventIds.slice(0, step.events),
    ...(signal.groupId === null
      ? {
          groupBy: signal.groupBy.slice(0, 20),
          newValues: signal.newValues.slice(0, 20),
          queries: signal.queries.slice(0, 20),
        }
      : {}),
  };
}

function cutExposure(exposure: Exposure, step: Step): Exposure {
  return { ...exposure, sources: exposure.sources.slice(0, step.events) };
}

/** The same with every text cut to so many characters, but for the notice's key. */
function shortened(object: JsonObject, characters: number): JsonObject {
  return Object.fromEntries(
    Object.entries(object).map(([name, value]) => [
      name,
      name === 'key' ? value : shortenedValue(value, characters),
    ]),
  );
}

function shortenedValue(value: unknown, characters: number): unknown {
  if (typeof value === 'string') {
    return value.length > characters ? `${value.slice(0, characters).toWellFormed()}…` : value;
  }
  if (Array.isArray(value)) {
    return value.map((element: unknown) => shortenedValue(element, characters));
  }
  return isObject(value) ? shortened(value, characters) : value;
}
