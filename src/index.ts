// The library. Everything here is public and follows semantic versioning; nothing else is.

export { detect, type Detection, type DetectOptions, type DetectResult } from './pipeline.ts';
export { scan, type ScanOptions, type ScanProgress } from './scan.ts';
export { builtInRulesDirectory, loadRules } from './rules/load-rules.ts';
export { PortcullisError } from './errors/portcullis-error.ts';
export type { ErrorCode, FaultCode, ProblemCode } from './errors/catalogue.ts';
export type { Actor } from './model/actor.ts';
export type { Undetermined } from './model/change.ts';
export type { Exposure, Severity } from './model/exposure.ts';
export type { Problem } from './model/problem.ts';
export type { ExposureRule, Rule } from './model/rule.ts';
export type { ScanResult, ScanStats } from './model/scan-result.ts';
export type { Signal } from './model/signal.ts';
export type { Suppressed, SuppressedSignal, Suppression } from './model/suppression.ts';
export type { KeyFilter } from './source/aws-layout.ts';
