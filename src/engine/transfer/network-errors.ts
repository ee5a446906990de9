import { DeepviewError, systemCode } from '../base/errors.ts';
import { printable } from '../base/printable.ts';
import { publicUrl } from './registries.ts';

const hint =
  'Check the connection; HTTPS_PROXY, PIP_INDEX_URL, npm_config_registry and NODE_EXTRA_CA_CERTS are respected. ' +
  'Where there is no network, name a local file with --source.';

/** An HTTP answer other than the one asked for. */
export class HttpStatusError extends DeepviewError {
  readonly status: number;

  constructor(url: string, status: number) {
    super('http-status', `${printable(publicUrl(url), 300)} answered with HTTP status ${status}`, { hint });
    this.status = status;
  }

  /** Whether the same request may well succeed in a moment. */
  get passing(): boolean {
    return this.status === 408 || this.status === 425 || this.status === 429 || this.status >= 500;
  }
}

const certificateCodes =
  /^(CERT_|ERR_TLS_|DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_|EPROTO$|ERR_SSL_)/;

/** Errors of a connection, told from those that have nothing to do with the network. */
export function networkError(error: unknown, url: string): { error: DeepviewError; passing: boolean } | undefined {
  const codes = causes(error).map((each) => systemCode(each) ?? '');
  const host = URL.canParse(url) ? new URL(url).host : url;
  const code = codes.find((each) => each !== '') ?? '';
  if (codes.some((each) => certificateCodes.test(each))) {
    return {
      passing: false,
      error: new DeepviewError('certificate', `The certificate of ${printable(host)} is not trusted (${code})`, {
        hint: 'If your network has an authority of its own, name its file in NODE_EXTRA_CA_CERTS.',
        cause: error,
      }),
    };
  }
  const unreachable =
    /^(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|ENETDOWN|EADDRNOTAVAIL|UND_ERR_CONNECT_TIMEOUT)$/.test(
      code,
    );
  const lost = !unreachable && /^(UND_ERR_(?!INVALID_ARG)|ECONNRESET|ECONNABORTED|EPIPE|ETIMEDOUT|HPE_)/.test(code);
  if (!unreachable && !lost) return undefined;
  return {
    passing: lost,
    error: new DeepviewError(
      unreachable ? 'unreachable' : 'connection-lost',
      unreachable
        ? `${printable(host)} cannot be reached (${code})`
        : `The connection to ${printable(host)} was lost (${code})`,
      { hint, cause: error },
    ),
  };
}

function causes(error: unknown): unknown[] {
  const all: unknown[] = [];
  for (let each = error; each instanceof Error && all.length < 8; each = each.cause) {
    all.push(each);
    if (each instanceof AggregateError) all.push(...(each.errors as unknown[]));
  }
  return all;
}
