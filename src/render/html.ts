// One HTML file that opens from disk and needs nothing else: timeline, table, details and evidence.
// Whatever a log says ends as inert text in it.

import { buildReportData } from './html/build-report-data.ts';
import { page } from './html/page.ts';
import type { Renderer } from './render-context.ts';

export const renderHtml: Renderer = (result, context) => page(buildReportData(result, context));
