// How what was found by looking is told from what a record told: by its event's name. No call of EC2
// has this name, so no record can pass for a look.

/** Stands where a record has the name of the call. */
export const auditEventName = 'Audit';

/** Whether a look found it, so that when it began, and by whom, is not known. */
export function isFoundByAudit(
  found: { readonly eventName: string } | { readonly openedByEventName?: string },
): boolean {
  const name = 'eventName' in found ? found.eventName : found.openedByEventName;
  return name === auditEventName;
}
