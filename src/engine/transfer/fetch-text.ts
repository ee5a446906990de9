import { DeepviewError } from '../base/errors.ts';
import { printable } from '../base/printable.ts';
import { cancelled, pause, type StepContext } from '../base/progress.ts';
import { openClient, type HttpClient, type Source } from './http-client.ts';
import { HttpStatusError, networkError } from './network-errors.ts';
import { publicUrl } from './registries.ts';

export interface FetchedText {
  text: string;
  /** After redirects: what relative links are relative to. */
  finalUrl: string;
  /** In lower case; empty if the server names none. */
  contentType: string;
}

export interface FetchTextOptions {
  accept: string;
  context: StepContext;
  env: NodeJS.ProcessEnv;
}

/** Bytes of the answer above which it is refused. */
const maximum = 32e6;
/** Milliseconds before the first retry. */
const backoff = 500;

/**
 * A short text from the network, such as a registry's answer about a package.
 * @throws DeepviewError `unreachable`, `connection-lost`, `certificate`, `http-status`, `too-long`, `cancelled`
 */
export async function fetchText(source: Source, options: FetchTextOptions): Promise<FetchedText> {
  const { context, env } = options;
  const client = openClient({ env, onNotice: context.onNotice, stall: 30_000 });
  try {
    for (let attempt = 0; ; attempt++) {
      try {
        return await once(client, source, options);
      } catch (error) {
        if (context.signal.aborted) throw cancelled(`asking ${printable(publicUrl(source.url))}`);
        const network = networkError(error, source.url);
        const passing = network?.passing ?? (error instanceof HttpStatusError && error.passing);
        if (!passing || attempt >= 3) throw network?.error ?? error;
        await pause(backoff * 2 ** attempt, context.signal);
      }
    }
  } finally {
    await client.close();
  }
}

async function once(client: HttpClient, source: Source, { accept, context }: FetchTextOptions): Promise<FetchedText> {
  const { statusCode, headers, body, context: made } = await client.get(source, { accept }, context.signal);
  if (statusCode !== 200) {
    await body.dump().catch(() => undefined);
    throw new HttpStatusError(source.url, statusCode);
  }
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maximum) {
      throw new DeepviewError(
        'too-long',
        `${printable(publicUrl(source.url))} answered with more than ${maximum} bytes`,
      );
    }
    chunks.push(chunk);
  }
  const { history } = made as { history?: URL[] };
  return {
    text: Buffer.concat(chunks).toString('utf8'),
    finalUrl: history?.at(-1)?.href ?? source.url,
    contentType: String(headers['content-type'] ?? '').toLowerCase(),
  };
}
