import { dirname, join } from 'node:path';
import { DeepviewError } from '../base/errors.ts';
import { homeOf } from '../base/paths.ts';
import { printable } from '../base/printable.ts';
import { readTextSync } from '../base/files.ts';
import { limits } from '../base/limits.ts';
import type { Source } from './http-client.ts';

/** A package registry as the user's own tools would reach it. */
export interface Registry {
  /** Ends without a slash. May hold a user name and password: show `publicUrl(url)` only. */
  url: string;
  /** Sent to this registry's own host alone. */
  headers?: Record<string, string>;
}

const defaultPipIndex = 'https://pypi.org/simple';
const defaultNpmRegistry = 'https://registry.npmjs.org';

/** Reads a configuration file; `undefined` where there is none or it may not be read. */
export type ReadText = (path: string) => string | undefined;

const readText: ReadText = (path) => {
  try {
    return readTextSync(path, limits.textBytes);
  } catch {
    // A tool's configuration that this user lacks or cannot read says nothing about where its registry is.
    return undefined;
  }
};

/** An address without user name, password, query and fragment, for messages. */
export function publicUrl(url: string): string {
  if (!URL.canParse(url)) return url;
  const { protocol, host, pathname } = new URL(url);
  return `${protocol}//${host}${pathname}`;
}

function address(url: string, what: string): string {
  if (/^https?:$/.test(URL.canParse(url) ? new URL(url).protocol : '')) return url.replace(/\/+$/, '');
  throw new DeepviewError('registry-address', `The ${what} ${printable(publicUrl(url))} is not an http(s) address`, {
    hint: `Correct the ${what} in your settings (PIP_INDEX_URL, pip.conf, npm_config_registry, .npmrc).`,
  });
}

/** The value of a pip option, such as `index-url`: environment first, then pip's files, the more personal first. */
export function pipOption(name: string, env: NodeJS.ProcessEnv, read: ReadText = readText): string | undefined {
  const fromEnvironment = env[`PIP_${name.replaceAll('-', '_').toUpperCase()}`];
  if (fromEnvironment) return fromEnvironment;
  const home = homeOf(env);
  const files = [
    env['PIP_CONFIG_FILE'],
    env['VIRTUAL_ENV'] && join(env['VIRTUAL_ENV'], 'pip.conf'),
    join(env['XDG_CONFIG_HOME'] || join(home, '.config'), 'pip', 'pip.conf'),
    join(home, 'Library', 'Application Support', 'pip', 'pip.conf'),
    join(home, '.pip', 'pip.conf'),
    '/etc/xdg/pip/pip.conf',
    '/etc/pip.conf',
  ];
  for (const file of files) {
    const text = file && read(file);
    const value = text ? iniValue(text, name, ['download', 'install', 'global']) : undefined;
    if (value) return value;
  }
  return undefined;
}

function iniValue(text: string, name: string, sections: readonly string[]): string | undefined {
  const found = new Map<string, string>();
  let section = '';
  for (const line of text.split(/\r?\n/)) {
    const header = /^\[([^\]]+)\]\s*$/.exec(line);
    if (header) section = header[1].trim();
    const [, key, value] = /^([\w-]+)\s*[=:]\s*(.*?)\s*$/.exec(line) ?? [];
    if (key !== undefined && value && key.toLowerCase().replaceAll('_', '-') === name) found.set(section, value);
  }
  return sections.map((each) => found.get(each)).find((value) => value !== undefined);
}

/** The package index that pip would ask (PEP 503), by default PyPI's. */
export function pipIndex(env: NodeJS.ProcessEnv, read: ReadText = readText): Registry {
  return { url: address(pipOption('index-url', env, read) ?? defaultPipIndex, 'pip index') };
}

/** The value of an npm option, such as `registry` or `cafile`, from the environment or the user's and global npmrc. */
export function npmOption(name: string, env: NodeJS.ProcessEnv, read: ReadText = readText): string | undefined {
  const variable = `npm_config_${name.replaceAll('-', '_')}`;
  return env[variable] || env[variable.toUpperCase()] || fromNpmrc(name, env, read);
}

function fromNpmrc(name: string, env: NodeJS.ProcessEnv, read: ReadText): string | undefined {
  const prefix = env['npm_config_prefix'] ?? env['PREFIX'] ?? dirname(dirname(process.execPath));
  const files = [
    env['npm_config_userconfig'] ?? env['NPM_CONFIG_USERCONFIG'] ?? join(homeOf(env), '.npmrc'),
    env['npm_config_globalconfig'] ?? env['NPM_CONFIG_GLOBALCONFIG'] ?? join(prefix, 'etc', 'npmrc'),
  ];
  for (const file of files) {
    for (const line of (read(file) ?? '').split(/\r?\n/)) {
      if (/^\s*[#;]/.test(line)) continue;
      const at = line.indexOf('=');
      if (at < 0 || line.slice(0, at).trim() !== name) continue;
      const value = line
        .slice(at + 1)
        .trim()
        .replace(/^"(.*)"$/, '$1');
      return value.replace(/\$\{(\w+)\}/g, (whole, variable: string) => env[variable] ?? whole);
    }
  }
  return undefined;
}

/** Where that registry has a package's archive, and how the archive is called. */
export function npmArchive(
  { name, version }: { name: string; version: string },
  env: NodeJS.ProcessEnv,
): { file: string; source: Source } {
  const { url, headers } = npmRegistry(env);
  const file = `${name}-${version}.tgz`;
  return { file, source: { url: `${url}/${name}/-/${file}`, ...(headers && { headers }) } };
}

/** The registry that npm would ask, with its token where npm has one for it. */
export function npmRegistry(env: NodeJS.ProcessEnv, read: ReadText = readText): Registry {
  const url = address(npmOption('registry', env, read) ?? defaultNpmRegistry, 'npm registry');
  const token = fromNpmrc(`${url.replace(/^https?:/, '')}/:_authToken`, env, read);
  return { url, ...(token && { headers: { authorization: `Bearer ${token}` } }) };
}
