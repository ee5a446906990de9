import { DeepviewError } from '../../base/errors.ts';
import { printable } from '../../base/printable.ts';
import type { StepContext } from '../../base/progress.ts';
import { fetchText } from '../../transfer/fetch-text.ts';
import type { Source } from '../../transfer/http-client.ts';
import { pipIndex, publicUrl } from '../../transfer/registries.ts';
import type { Wheel } from './release.ts';

/**
 * Where the user's package index has one of these wheels (all of one project); the first that it has, in their order.
 * Speaks the JSON form of the simple repository API (PEP 691) and its HTML form (PEP 503), for mirrors that know only that.
 * @throws DeepviewError `no-wheel` where the index has none of them, else as `fetchText`
 */
export async function findWheel(
  wheels: readonly Wheel[],
  context: StepContext,
  env: NodeJS.ProcessEnv,
): Promise<{ wheel: Wheel; source: Source }> {
  const { url } = pipIndex(env);
  const [{ project }] = wheels as [Wheel];
  const index = `${url}/${project}/`;
  const { text, finalUrl, contentType } = await fetchText({ url: index }, { accept, context, env });
  const links = contentType.includes('json') ? jsonLinks(text, index) : htmlLinks(text);
  for (const wheel of wheels) {
    const link = links.get(wheel.filename);
    if (link === undefined || !URL.canParse(link, finalUrl)) continue;
    return { wheel, source: { url: withUser(new URL(link, finalUrl), new URL(index)) } };
  }
  throw new DeepviewError(
    'no-wheel',
    `${publicUrl(index)} has none of the files that are needed, such as ${wheels[0].filename}`,
    {
      hint: 'Set PIP_INDEX_URL to an index that has it, or download the file elsewhere and name it with --source.',
    },
  );
}

const accept = 'application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.1';

function jsonLinks(text: string, index: string): Map<string, string> {
  const links = new Map<string, string>();
  try {
    const { files } = JSON.parse(text) as { files: { filename: unknown; url: unknown }[] };
    for (const { filename, url } of files) {
      if (typeof filename === 'string' && typeof url === 'string') links.set(filename, url);
    }
  } catch (error) {
    throw new DeepviewError('index-form', `The answer of ${printable(publicUrl(index))} is not a package index`, {
      hint: 'Check PIP_INDEX_URL; a log-in page of the network may have answered instead.',
      cause: error,
    });
  }
  return links;
}

function htmlLinks(text: string): Map<string, string> {
  const links = new Map<string, string>();
  for (const [, quoted] of text.matchAll(/<a\s[^>]*?href\s*=\s*["']([^"']+)["']/gi)) {
    const href = quoted.replaceAll('&amp;', '&');
    const filename =
      href
        .replace(/[?#].*$/, '')
        .split('/')
        .at(-1) ?? '';
    try {
      links.set(decodeURIComponent(filename), href);
    } catch {
      // A link that is not an address is not one of the files looked for.
    }
  }
  return links;
}

/** A private index asks for the same user name and password for its files as for its pages. */
function withUser(link: URL, index: URL): string {
  if (link.host === index.host && !link.username) {
    link.username = index.username;
    link.password = index.password;
  }
  return link.href;
}
