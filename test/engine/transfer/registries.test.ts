import { describe, expect, it } from 'vitest';
import { npmOption, npmRegistry, pipIndex, pipOption, publicUrl } from '../../../src/engine/transfer/registries.ts';

const files =
  (contents: Record<string, string>) =>
  (path: string): string | undefined =>
    contents[path];
const HOME = '/home/somebody';

describe('pipIndex', () => {
  it('is PyPI where nothing is set', () => {
    expect(pipIndex({ HOME }, files({}))).toEqual({ url: 'https://pypi.org/simple' });
  });

  it('takes the environment before the files, and personal files before the system', () => {
    const read = files({
      '/etc/pip.conf': '[global]\nindex-url = https://system.example/simple/\ncert=/system.pem\n',
      [`${HOME}/.config/pip/pip.conf`]: '# mine\n[global]\nindex_url: https://mine.example/simple/\n',
    });
    expect(pipIndex({ HOME }, read).url).toBe('https://mine.example/simple');
    expect(pipIndex({ HOME: '/home/else' }, read).url).toBe('https://system.example/simple');
    expect(pipIndex({ HOME, PIP_INDEX_URL: 'http://env.example/i' }, read).url).toBe('http://env.example/i');
    expect(pipOption('cert', { HOME }, read)).toBe('/system.pem');
  });

  it('prefers what is set for one command, and ignores other sections', () => {
    const text = '[global]\nindex-url = https://a.example\n[install]\nindex-url = https://b.example\n';
    expect(pipIndex({ HOME, PIP_CONFIG_FILE: '/c' }, files({ '/c': text })).url).toBe('https://b.example');
    const other = files({ '/c': '[list]\nindex-url = https://a.example\n' });
    expect(pipIndex({ HOME, PIP_CONFIG_FILE: '/c' }, other).url).toBe('https://pypi.org/simple');
  });

  it('refuses what is not an address, without showing a password', () => {
    expect(() => pipIndex({ HOME, PIP_INDEX_URL: 'file:///x' }, files({}))).toThrow('not an http(s) address');
    expect(() => pipIndex({ HOME, PIP_INDEX_URL: 'ftp://me:secret@x/y' }, files({}))).toThrow(/^(?!.*secret)/);
  });
});

describe('npmRegistry', () => {
  it("is npm's own where nothing is set", () => {
    expect(npmRegistry({ HOME }, files({}))).toEqual({ url: 'https://registry.npmjs.org' });
  });

  it('reads the user file with its variables and token', () => {
    const read = files({
      [`${HOME}/.npmrc`]: '; mine\nregistry = "https://npm.example/path/"\n//npm.example/path/:_authToken=${TOKEN}\n',
    });
    expect(npmRegistry({ HOME, TOKEN: 'abc' }, read)).toEqual({
      url: 'https://npm.example/path',
      headers: { authorization: 'Bearer abc' },
    });
  });

  it('takes the environment first, in either spelling', () => {
    const read = files({ [`${HOME}/.npmrc`]: 'registry=https://npm.example\ncafile=/ca.pem' });
    expect(npmRegistry({ HOME, npm_config_registry: 'https://a.example' }, read).url).toBe('https://a.example');
    expect(npmRegistry({ HOME, NPM_CONFIG_REGISTRY: 'https://b.example' }, read).url).toBe('https://b.example');
    expect(npmOption('cafile', { HOME }, read)).toBe('/ca.pem');
  });
});

it('publicUrl hides who asks and with what', () => {
  expect(publicUrl('https://me:secret@host.example:8443/a?token=1#x')).toBe('https://host.example:8443/a');
});
