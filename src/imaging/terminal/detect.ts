import type { Rgb } from '../cells/cells.ts';
import { backgroundOfReply, isLight } from '../colour/colour-depth.ts';
import type { AskedTerminal } from './stdin-filter.ts';
import type { TerminalEvent } from './terminal-input.ts';

/** What a terminal said of itself; what it did not answer is absent. */
export interface TerminalAbilities {
  /** Whether it answered at all. */
  isAnswering: boolean;
  background?: Rgb;
  isLight?: boolean;
  /** Whether it knows synchronised updates (mode 2026). */
  isSynchronised?: boolean;
  /** Whether it keeps a colour of 24 bits that is set, or makes another of it. */
  isTrueColour?: boolean;
  /** Name and version, as `kitty(0.41.1)` (XTVERSION). */
  name?: string;
  /** Primary device attributes; 4 is sixel. */
  attributes?: readonly number[];
  /** Whether it takes pictures by kitty's protocol, or says so. */
  hasKittyGraphics?: boolean;
  /** Pixels of a cell. */
  cell?: { width: number; height: number };
  /** Pixels of all cells together. */
  textArea?: { width: number; height: number };
  /** Pixels of the largest sixel picture in its window, and in any: of a larger window the first says no more than that. */
  sixelArea?: { width: number; height: number };
  largestSixel?: { width: number; height: number };
  /** Columns that the cursor moved over a character of two bytes. */
  columnsOfTwoBytes?: number;
  /** Colours of a sixel picture. */
  sixelRegisters?: number;
}

export interface Questions {
  /**
   * Whether to ask about kitty's protocol: tmux and GNU screen take the question for a window's title, and terminals that
   * do not know such strings print it.
   */
  kitty?: 'no' | 'too' | 'alone';
  /** Puts the questions into what a multiplexer hands on to the terminal outside. */
  wrap?: (sequence: string) => string;
  /** Whether to ask how it reads a character of two bytes; the first line is written over. */
  characters?: boolean;
  /** Whether to ask for colours of 24 bits: a multiplexer would answer of itself, or have the terminal outside answer. */
  colours?: boolean;
}

/** The number of our question about kitty's protocol. */
const kittyQuestion = 31;
const aboutKitty = `\u001b_Gi=${kittyQuestion},s=1,v=1,a=q,t=d,f=24;AAAA\u001b\\`;
// After a character of two bytes: a terminal without UTF-8 shows two.
const aboutCharacters = '\r\u00e9\u001b[6n';
// Sets a colour that is none of 256, asks for the style, and takes it back: xterm and VTE answer that (DECRQSS), kitty and
// foot also the names of terminfo (XTGETTCAP `RGB` and `Tc`). A terminal that knows neither prints a few letters.
const aboutColours = '\u001b[48;2;18;52;86m\u001bP$qm\u001b\\\u001b[m\u001bP+q524742;5463\u001b\\';
const aboutItself = ['\u001b[>q', '\u001b[?2026$p', '\u001b]11;?\u001b\\'];
// Cell size, size of the text area, sixel's registers and largest picture, here and anywhere (in this order: the answers
// look alike), and iTerm2's way to ask for the cell size.
const aboutPictures = [
  '\u001b[16t',
  '\u001b[14t',
  '\u001b[?1;1;0S',
  '\u001b[?2;1;0S',
  '\u001b[?2;4;0S',
  '\u001b]1337;ReportCellSize\u0007',
];
// Device attributes come last: every terminal answers them, so what has not come before them does not come.
const last = '\u001b[c';

/** Whether a terminal of this kind can be asked without risking that it prints the question. */
export function canBeAsked(env: Readonly<Record<string, string | undefined>>, isTTY: boolean): boolean {
  return isTTY && !['', 'dumb', 'linux', 'vt52', 'emacs'].includes(env['TERM'] ?? '');
}

function learnFromControl(abilities: TerminalAbilities, text: string): void {
  const mode = /^\?2026;(\d)\$y$/.exec(text);
  if (mode) abilities.isSynchronised = mode[1] === '1' || mode[1] === '2' || mode[1] === '3';
  const attributes = /^\?([\d;]+)c$/.exec(text);
  if (attributes) abilities.attributes = attributes[1].split(';').map(Number);
  const pixels = /^([46]);(\d{1,5});(\d{1,5})t$/.exec(text);
  if (pixels) abilities[pixels[1] === '6' ? 'cell' : 'textArea'] = { height: +pixels[2], width: +pixels[3] };
  const cursor = /^\d+;(\d{1,4})R$/.exec(text);
  if (cursor) abilities.columnsOfTwoBytes = Number(cursor[1]) - 1;
  const sixel = /^\?([12]);0;(\d{1,6})(?:;(\d{1,6}))?S$/.exec(text);
  if (sixel?.[1] === '1') abilities.sixelRegisters = +sixel[2];
  if (sixel?.[1] === '2' && sixel[3]) {
    abilities[abilities.sixelArea ? 'largestSixel' : 'sixelArea'] = { width: +sixel[2], height: +sixel[3] };
  }
}

function learnFromDcs(abilities: TerminalAbilities, text: string): void {
  if (text.startsWith('>|')) abilities.name = text.slice(2);
  const [, style] = /^1\$r([\d;:]*)m$/.exec(text) ?? [];
  if (style !== undefined && /48[;:]/.test(style)) abilities.isTrueColour = /48[;:]2[;:].*18[;:]52[;:]86/.test(style);
  // Values are hexadecimal texts; xterm's RGB is -1 where it has no such colours.
  if (/^1\+r(?:.*;)?(?:524742|5463)(?!=2d31|=30?(?:;|$))/i.test(text)) abilities.isTrueColour ??= true;
}

function learnFromOsc(abilities: TerminalAbilities, text: string): void {
  const background = backgroundOfReply(text);
  if (background) Object.assign(abilities, { background, isLight: isLight(background) });
  // Height and width in points, and pixels a point.
  const cell = /^1337;ReportCellSize=([\d.]+);([\d.]+)(?:;([\d.]+))?$/.exec(text);
  if (!cell) return;
  const scale = Number(cell[3] ?? 1);
  abilities.cell ??= { height: Number(cell[1]) * scale, width: Number(cell[2]) * scale };
}

const isAboutKitty = (event: TerminalEvent): boolean =>
  event.type === 'reply' && event.kind === 'apc' && event.text.startsWith(`Gi=${kittyQuestion};`);

const isLast = (event: TerminalEvent): boolean =>
  event.type === 'reply' && event.kind === 'csi' && /^\?[\d;]+c$/.test(event.text);

function learn(abilities: TerminalAbilities, { kind, text }: TerminalEvent & { type: 'reply' }): void {
  abilities.isAnswering = true;
  if (kind === 'csi') learnFromControl(abilities, text);
  else if (kind === 'osc') learnFromOsc(abilities, text);
  else if (kind === 'dcs') learnFromDcs(abilities, text);
  else if (isAboutKitty({ type: 'reply', kind, text })) {
    abilities.hasKittyGraphics = text.slice(text.indexOf(';') + 1) === 'OK';
  }
}

/**
 * Resolves when a terminal that knows kitty's protocol has carried out all that was written before, or after `timeout`
 * ms.
 * @param wrap puts the question into what a multiplexer hands on
 * @returns whether it has
 */
export function hasCarriedOut(
  terminal: AskedTerminal,
  wrap: (sequence: string) => string,
  timeout = 500,
): Promise<boolean> {
  return new Promise((resolve) => {
    const finish = (isDone: boolean): void => {
      clearTimeout(timer);
      stop();
      resolve(isDone);
    };
    const stop = terminal.onEvent((event) => {
      if (isAboutKitty(event)) finish(true);
    });
    const timer = setTimeout(() => finish(false), timeout);
    terminal.awaits(isAboutKitty);
    terminal.write(wrap(aboutKitty));
  });
}

/**
 * Asks the terminal what it is, and resolves when it has answered everything or after `timeout` ms with what came.
 * Nothing waits for it: paint first, and change the theme and the pictures when the answer comes.
 */
export function askTerminal(
  terminal: AskedTerminal,
  timeout = 1000,
  { kitty = 'no', wrap = (sequence) => sequence, characters = false, colours = false }: Questions = {},
): Promise<TerminalAbilities> {
  return new Promise((resolve) => {
    const abilities: TerminalAbilities = { isAnswering: false };
    const finish = (): void => {
      clearTimeout(timer);
      stop();
      resolve(abilities);
    };
    const stop = terminal.onEvent((event) => {
      if (event.type === 'reply') learn(abilities, event);
      if (isLast(event)) finish();
    });
    const timer = setTimeout(finish, timeout);
    const others = kitty === 'alone' ? [] : [...aboutItself, ...aboutPictures];
    const questions = [
      ...(characters ? [aboutCharacters] : []),
      ...(colours ? [aboutColours] : []),
      ...others,
      ...(kitty === 'no' ? [] : [aboutKitty]),
      last,
    ];
    terminal.awaits(isLast);
    terminal.write(questions.map(wrap).join(''));
  });
}
