import { rootCertificates } from 'node:tls';
import { EnvHttpProxyAgent, interceptors, request, type Dispatcher } from 'undici';
import { printable } from '../base/printable.ts';
import { npmOption, pipOption } from './registries.ts';
import { readTextSync } from '../base/files.ts';
import { limits } from '../base/limits.ts';

/** Where something can be fetched. */
export interface Source {
  /** http(s); a user name and password in it are sent as basic authorisation. */
  url: string;
  /** Sent to its own host alone. */
  headers?: Record<string, string>;
}

export type HttpResponse = Dispatcher.ResponseData;

export interface HttpClient {
  /** GET; follows redirects. The body is as sent: never decompressed. */
  get(source: Source, headers: Record<string, string>, signal: AbortSignal): Promise<HttpResponse>;
  close(): Promise<void>;
}

export interface ClientOptions {
  env: NodeJS.ProcessEnv;
  onNotice: (notice: string) => void;
  /** Milliseconds without a byte after which a connection counts as lost. */
  stall?: number;
}

/** Opens connections as the user's other tools would: through their proxy, trusting the authorities they trust. */
export function openClient({ env, onNotice, stall = 60_000 }: ClientOptions): HttpClient {
  const proxy = env['PIP_PROXY'] ?? env['npm_config_proxy'] ?? '';
  const httpProxy = env['http_proxy'] || env['HTTP_PROXY'] || proxy;
  const ca = authorities(env, onNotice);
  const tls = ca && { ca };
  const agent = new EnvHttpProxyAgent({
    httpProxy,
    httpsProxy: env['https_proxy'] || env['HTTPS_PROXY'] || env['npm_config_https_proxy'] || httpProxy,
    noProxy: env['no_proxy'] || env['NO_PROXY'] || '',
    // Many proxies refuse to tunnel plain HTTP; encrypted connections are tunnelled in any case.
    proxyTunnel: false,
    // A firewall that swallows packets must not make every start wait for minutes.
    connect: { timeout: 10_000, ...tls },
    ...(tls && { requestTls: tls, proxyTls: tls }),
    headersTimeout: stall,
    bodyTimeout: stall,
  });
  const dispatcher = agent.compose(interceptors.redirect({ maxRedirections: 5 }));
  return {
    get: (source, headers, signal) => {
      const { url, authorization } = splitUser(source.url);
      return request(url, {
        dispatcher,
        signal,
        headers: {
          'user-agent': 'deepview-tui',
          'accept-encoding': 'identity',
          ...(authorization && { authorization }),
          ...source.headers,
          ...headers,
        },
      });
    },
    // Not close(): that would wait for answers that are no longer read.
    close: () => agent.destroy(),
  };
}

function splitUser(address: string): { url: string; authorization?: string } {
  const url = new URL(address);
  if (!url.username && !url.password) return { url: address };
  const user = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  url.username = '';
  url.password = '';
  return { url: url.href, authorization: `Basic ${Buffer.from(user).toString('base64')}` };
}

/** Node's own authorities and those of the usual variables and of pip and npm; `undefined` where nothing is added. */
function authorities(env: NodeJS.ProcessEnv, onNotice: (notice: string) => void): string[] | undefined {
  const files = new Set(
    [
      env['NODE_EXTRA_CA_CERTS'],
      env['SSL_CERT_FILE'],
      env['REQUESTS_CA_BUNDLE'],
      env['CURL_CA_BUNDLE'],
      pipOption('cert', env),
      npmOption('cafile', env),
    ].filter((file): file is string => Boolean(file)),
  );
  const added: string[] = [];
  for (const file of files) {
    try {
      added.push(readTextSync(file, 16 * limits.textBytes));
    } catch (error) {
      onNotice(`certificates of ${printable(file)} are left out: ${printable((error as Error).message)}`);
    }
  }
  return added.length > 0 ? [...rootCertificates, ...added] : undefined;
}
