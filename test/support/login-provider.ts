// A login provider on this machine: the npm package oidc-provider, which is certified for OpenID Connect,
// with a few people whose groups a test names. And a browser, as far as a login needs one.

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Provider, type Configuration } from 'oidc-provider';

export type LoginProvider = {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  stop(): Promise<void>;
};

export type ProviderOptions = {
  /** Where the client may be sent back to. */
  readonly callback: string;
  /** By the name that they log in with. */
  readonly groups: Readonly<Record<string, readonly string[]>>;
  /** Whether claims stand in the token itself, or have to be fetched. */
  readonly claimsInToken?: boolean;
};

const clientId = 'portcullis';
const clientSecret = 'the-secret-of-the-client';

export async function startLoginProvider({
  callback,
  groups,
  claimsInToken = true,
}: ProviderOptions): Promise<LoginProvider> {
  const server = createServer();
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const configuration: Configuration = {
    clients: [
      {
        client_id: clientId,
        client_secret: clientSecret,
        redirect_uris: [callback],
        token_endpoint_auth_method: 'client_secret_post',
      },
    ],
    claims: {
      openid: ['sub'],
      email: ['email', 'email_verified'],
      profile: ['name', 'groups'],
    },
    conformIdTokenClaims: !claimsInToken,
    pkce: { required: () => true },
    cookies: { keys: ['a key of a test'] },
    findAccount: (_, id) => ({
      accountId: id,
      claims: () => ({
        sub: id,
        email: `${id}@example.com`,
        email_verified: true,
        name: id,
        groups: groups[id] ?? [],
      }),
    }),
  };
  const provider = new Provider(issuer, configuration);
  const handle = provider.callback();
  server.on('request', (incoming, outgoing) => void handle(incoming, outgoing));
  return {
    issuer,
    clientId,
    clientSecret,
    async stop() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}

/** Goes through the provider's pages as somebody, and ends where the provider sends them back to. */
export async function logInAt(url: string, person: string): Promise<URL> {
  const jar = new Map<string, string>();
  const { origin } = new URL(url);
  let next = url;
  let form: URLSearchParams | null = null;
  for (let steps = 0; steps < 20; steps += 1) {
    const answer: Response = await fetch(next, {
      redirect: 'manual',
      headers: { cookie: [...jar].map((pair) => pair.join('=')).join('; ') },
      ...(form === null ? {} : { method: 'POST', body: form }),
    });
    form = null;
    for (const cookie of answer.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
      jar.set(name, value);
    }
    const location = answer.headers.get('location');
    if (location !== null) {
      const target = new URL(location, next);
      if (target.origin !== origin) return target;
      next = target.href;
      continue;
    }
    const page = await answer.text();
    const action = /<form[^>]* action="([^"]+)"/.exec(page)?.[1];
    if (action === undefined) throw new Error(`no form at ${next}: ${page.slice(0, 500)}`);
    next = new URL(action, next).href;
    form = page.includes('name="login"')
      ? new URLSearchParams({ prompt: 'login', login: person, password: 'any' })
      : new URLSearchParams({ prompt: 'consent' });
  }
  throw new Error('the login went on and on');
}
