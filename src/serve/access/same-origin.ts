// Whether a change comes from a page of our own. A browser sends cookies along with what other sites'
// pages ask for; it also says, in ways that pages cannot forge, where a request comes from.

/** Scripts of our own may send it; for one of another site a browser would first ask, and be told no. */
export const ownHeader = 'x-portcullis-request';

export type RequestOrigin = {
  readonly origin: string | undefined;
  readonly fetchSite: string | undefined;
  readonly ownHeader: string | undefined;
};

/** @param own the origin under which browsers know this server, such as `https://portcullis.example` */
export function isFromOwnPage(request: RequestOrigin, own: string): boolean {
  if (request.origin !== undefined) return request.origin === own;
  if (request.fetchSite !== undefined) return request.fetchSite === 'same-origin';
  return request.ownHeader !== undefined;
}
