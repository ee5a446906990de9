import { readFileSync } from 'node:fs';

/** Put in by the build from package.json. */
declare const DEEPVIEW_VERSION: string | undefined;

/** The program's version; from package.json itself when the sources run unbundled, as in tests. */
export const programVersion: string =
  typeof DEEPVIEW_VERSION === 'string'
    ? DEEPVIEW_VERSION
    : (JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')) as { version: string })
        .version;
