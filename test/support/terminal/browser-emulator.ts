import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { chromium, type Browser, type JSHandle, type Page } from 'playwright-core';
import type { Size } from '../../../src/imaging/cells/cells.ts';
import { Emulator } from './emulator.ts';
import type { Screenshot } from './quarter-boxes.ts';
import { pixelsIn } from '../pixels.ts';

const require = createRequire(import.meta.url);

/** Where Chromium is; empty where it is not installed. */
export const browserFile = spawnSync('which', ['chromium'], { encoding: 'utf8' }).stdout.trim();

/** The browser must reach nothing and nobody; it has no graphics card. */
const browserFlags = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

const page = `<!doctype html><body style="margin: 0; background: black"><div id="terminal"></div></body>`;

// Runs in the page, which has no types here. Resolves when the bytes have been carried out.
const script = `
  function openTerminal({ columns, rows, answer }) {
    const terminal = new Terminal({ cols: columns, rows, fontFamily: 'monospace', fontSize: 14, allowProposedApi: true });
    terminal.loadAddon(new ImageAddon.ImageAddon());
    terminal.open(document.getElementById('terminal'));
    terminal.onData(answer);
    return (base64) => new Promise((resolve) => {
      terminal.write(Uint8Array.from(atob(base64), (character) => character.charCodeAt(0)), resolve);
    });
  }
`;

/** Starts Chromium without a window. @param home where it keeps its things */
export function startBrowser(home: string): Promise<Browser> {
  return chromium.launch({
    executablePath: browserFile,
    args: browserFlags,
    env: { PATH: process.env['PATH'] ?? '', HOME: home, LANG: 'C.UTF-8' },
    timeout: 90_000,
  });
}

/**
 * xterm.js with its image add-on in a page of a browser, where people meet it (VS Code, web terminals): what it draws
 * can be looked at, and it is this one that answers the program's questions. The emulator without a window beside it
 * only reads the text.
 */
export class BrowserEmulator extends Emulator {
  readonly #page: Page;
  readonly #show: JSHandle<(base64: string) => Promise<void>>;
  #writing: Promise<void> = Promise.resolve();

  private constructor(size: Size, window: Page, show: JSHandle<(base64: string) => Promise<void>>) {
    super(size);
    this.#page = window;
    this.#show = show;
    this.#beSilent();
  }

  static async open(browser: Browser, size: Size): Promise<BrowserEmulator> {
    const window = await browser.newPage({ viewport: { width: 600, height: 300 }, offline: true });
    await window.setContent(page);
    await window.addStyleTag({ path: require.resolve('@xterm/xterm/css/xterm.css') });
    await window.addScriptTag({ path: require.resolve('@xterm/xterm') });
    await window.addScriptTag({ path: require.resolve('@xterm/addon-image') });
    await window.addScriptTag({ content: script });
    let emulator: BrowserEmulator | undefined;
    // Its answers go the way of the other emulator's.
    await window.exposeFunction('answer', (data: string) => emulator?.terminal.input(data, false));
    const show = await window.evaluateHandle<(base64: string) => Promise<void>>(
      `openTerminal({ columns: ${size.columns}, rows: ${size.rows}, answer })`,
    );
    return (emulator = new BrowserEmulator(size, window, show));
  }

  override write(data: string | Uint8Array): Promise<void> {
    const bytes = Buffer.from(data as Uint8Array);
    this.#writing = this.#writing.then(async () => {
      await super.write(bytes);
      await this.#show.evaluate((show, base64) => show(base64), bytes.toString('base64'));
    });
    return this.#writing;
  }

  /** What a person would see now. */
  async screenshot(): Promise<Screenshot> {
    return pixelsIn(await this.#page.screenshot({ animations: 'disabled' }));
  }

  /** Pixels of a character cell, not always whole ones. */
  async cell(): Promise<{ width: number; height: number }> {
    const box = await this.#page.locator('.xterm-screen').boundingBox();
    if (!box) throw new Error('the page shows no terminal');
    return { width: box.width / this.size.columns, height: box.height / this.size.rows };
  }

  /** Frees the page; the emulator itself is disposed of with its terminal. */
  close(): Promise<void> {
    return this.#page.close();
  }

  /** Questions are answered by the browser's terminal alone. */
  #beSilent(): void {
    const { parser } = this.terminal;
    for (const id of [
      { final: 'c' },
      { prefix: '>', final: 'c' },
      { prefix: '>', final: 'q' },
      { final: 'n' },
      { prefix: '?', final: 'n' },
      { intermediates: '$', final: 'p' },
      { prefix: '?', intermediates: '$', final: 'p' },
      { final: 't' },
    ]) {
      parser.registerCsiHandler(id, () => true);
    }
  }
}
