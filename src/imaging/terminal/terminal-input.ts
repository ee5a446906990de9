/** What a terminal sends besides keys. */
export type TerminalEvent =
  | {
      type: 'mouse';
      action: 'press' | 'release' | 'move' | 'wheel-up' | 'wheel-down';
      button: 'left' | 'middle' | 'right' | 'none';
      /** Cell, counted from 0. */
      row: number;
      column: number;
      shift: boolean;
      alt: boolean;
      control: boolean;
    }
  | { type: 'focus'; isFocused: boolean }
  /** The key Esc. With another key right behind it no Alt is meant: two keys come together when we were busy. */
  | { type: 'escape' }
  /** The last Esc was no key: it began what follows. */
  | { type: 'no-escape' }
  /** What was pasted, as far as it is kept. */
  | { type: 'paste'; text: string }
  /** A key that says what it is on another keyboard: the character it types, and that of the layout of the US. */
  | { type: 'letter'; character: string; base: string; control: boolean }
  /** An answer to a query: a whole CSI sequence, or an OSC, DCS or APC string without its frame. */
  | { type: 'reply'; kind: 'csi' | 'osc' | 'dcs' | 'apc'; text: string };

const escape = '\u001b';
// Longer than any answer to what we ask; a "string" that never ends is dropped beyond it.
const longest = 4096;
const pasteStart = '\u001b[200~';
const pasteEnd = '\u001b[201~';
// How a sequence that lost its Esc begins: of keys, reports and answers, and hardly of what a person types at once.
const restOfSequence = /^(?:\[(?:[\d<?>=]|[A-DFHIMOZ])|O[A-DFHMP-S]|\]\d|P[>\d]|_G)/;
const stringKinds = { ']': 'osc', P: 'dcs', _: 'apc' } as const;

function mouseEvent(code: number, column: number, row: number, isRelease: boolean): TerminalEvent | undefined {
  const base = { row: row - 1, column: column - 1, shift: !!(code & 4), alt: !!(code & 8), control: !!(code & 16) };
  const button = (['left', 'middle', 'right', 'none'] as const)[code & 3];
  if (code & 64) {
    if ((code & 3) > 1) return undefined;
    return { type: 'mouse', action: code & 1 ? 'wheel-down' : 'wheel-up', button: 'none', ...base };
  }
  const action = code & 32 ? 'move' : isRelease ? 'release' : 'press';
  return { type: 'mouse', action, button, ...base };
}

/** Keys as the terminal sent them, or something else. */
export type InputPart = string | TerminalEvent;

/**
 * Splits what a terminal sends into keys, which pass unchanged, and {@link TerminalEvent}s. Pure: the caller feeds text
 * and tells when time has passed.
 */
export class InputSplitter {
  #held = '';
  /** What has been pasted so far, while a paste goes on. */
  #pasted: string | undefined;
  /** Whether the last thing was an Esc that was taken for the key. */
  #isAfterEscape = false;

  /** Whether something is still to be told by {@link expire}. */
  get isHolding(): boolean {
    return this.#held !== '' || this.#pasted !== undefined || this.#isAfterEscape;
  }

  /** @returns what was found, in order */
  push(text: string): InputPart[] {
    let input = this.#held + text;
    const parts: InputPart[] = [];
    if (this.#isAfterEscape && restOfSequence.test(text)) {
      input = escape + text;
      parts.push({ type: 'no-escape' });
    }
    this.#isAfterEscape = false;
    this.#held = '';
    const addKeys = (keys: string): void => {
      if (keys === '') return;
      if (typeof parts.at(-1) === 'string') parts.push((parts.pop() as string) + keys);
      else parts.push(keys);
    };
    let at = 0;
    while (at < input.length) {
      if (this.#pasted !== undefined) {
        at = this.#paste(input, at, parts);
        continue;
      }
      const next = input.indexOf(escape, at);
      addKeys(input.slice(at, next < 0 ? input.length : next));
      if (next < 0) break;
      const length = sequenceLength(input, next);
      if (length === 0) {
        this.#held = input.slice(next);
        break;
      }
      const sequence = input.slice(next, next + length);
      at = next + length;
      if (sequence === pasteStart) this.#pasted = '';
      const event = eventOf(sequence);
      if (event === undefined) addKeys(sequence);
      else if (event !== null) parts.push(event);
    }
    if (this.#held.length > longest) this.#held = '';
    return parts;
  }

  /** Goes on with a paste. @returns where the input goes on after it */
  #paste(input: string, at: number, parts: InputPart[]): number {
    const end = input.indexOf(pasteEnd, at);
    // An end mark cut in two is found when its second half comes: hold what could be its beginning.
    const kept = end < 0 ? tailOf(input.slice(at), pasteEnd) : 0;
    const pasted = input.slice(at, end < 0 ? input.length - kept : end);
    this.#pasted = ((this.#pasted ?? '') + pasted).slice(0, longest);
    if (end < 0) {
      this.#held = input.slice(input.length - kept);
      return input.length;
    }
    parts.push({ type: 'paste', text: this.#pasted });
    this.#pasted = undefined;
    return end + pasteEnd.length;
  }

  /**
   * Tells that nothing came for a moment: a lone Esc is a key after all.
   * @param isFinal nothing of what has begun is expected any more: Esc with one character are two keys then, a paste has
   *   ended, longer beginnings are dropped
   */
  expire(isFinal = false): InputPart[] {
    const held = this.#held;
    const pasted = this.#pasted;
    if (held === escape && pasted === undefined) {
      this.#held = '';
      this.#isAfterEscape = !isFinal;
      return [{ type: 'escape' }];
    }
    if (!isFinal) return [];
    this.#held = '';
    this.#pasted = undefined;
    this.#isAfterEscape = false;
    if (pasted !== undefined) return [{ type: 'paste', text: pasted + held }];
    return held.length === 2 ? [{ type: 'escape' }, held.slice(1)] : [];
  }
}

/** How many characters at the end of `text` are a proper beginning of `mark`. */
function tailOf(text: string, mark: string): number {
  for (let length = Math.min(mark.length - 1, text.length); length > 0; length--) {
    if (text.endsWith(mark.slice(0, length))) return length;
  }
  return 0;
}

/** The length of the sequence at `at`: 0 when its end is still to come, 1 of an Esc alone. */
function sequenceLength(input: string, at: number): number {
  const second = input[at + 1];
  if (second === undefined) return 0;
  if (second === '[') {
    // The mouse report of terminals from before 1006: three characters follow.
    if (input[at + 2] === 'M') return input.length >= at + 6 ? 6 : 0;
    for (let end = at + 2; end < input.length; end++) {
      const character = input[end];
      if (character >= '@' && character <= '~') return end - at + 1;
      // Not a sequence after all; what interrupts it starts anew.
      if (character < ' ' || character > '~') return end - at;
    }
    return 0;
  }
  if (second === 'O') return input.length > at + 2 ? 3 : 0;
  if (second in stringKinds) {
    for (let end = at + 2; end < input.length; end++) {
      const character = input[end];
      if (character === '\u0007') return end - at + 1;
      if (character !== escape) continue;
      if (end + 1 >= input.length) return 0;
      return input[end + 1] === '\\' ? end - at + 2 : end - at;
    }
    return 0;
  }
  return 1;
}

function letterEvent([, key, base, modifiers, happened, text]: readonly (string | undefined)[]): TerminalEvent | null {
  const [code, baseCode] = [Number(text ?? key), Number(base)];
  const held = Math.max(0, Number(modifiers ?? 1) - 1);
  const isReleased = happened === '3';
  // With Alt, or Super, it is no key of ours.
  if (isReleased || held & 0b1010 || code > 0x10ffff || baseCode > 0x10ffff) return null;
  const cased = (character: string): string => (held & 1 ? character.toUpperCase() : character);
  const [character, baseCharacter] = [code, baseCode].map((each) => cased(String.fromCodePoint(each)));
  return { type: 'letter', character, base: baseCharacter, control: (held & 4) !== 0 };
}

/** The event of a whole sequence; null when it is noise to be dropped, undefined when it is a key. */
function eventOf(sequence: string): TerminalEvent | null | undefined {
  if (sequence === escape) return { type: 'escape' };
  // eslint-disable-next-line no-control-regex
  const mouse = /^\u001b\[<(\d+);(\d+);(\d+)([Mm])$/.exec(sequence);
  if (mouse) return mouseEvent(Number(mouse[1]), Number(mouse[2]), Number(mouse[3]), mouse[4] === 'm') ?? null;
  if (sequence.startsWith('\u001b[M')) {
    const [code, column, row] = [3, 4, 5].map((place) => sequence.charCodeAt(place) - 32);
    return mouseEvent(code, column, row, (code & 67) === 3) ?? null;
  }
  // The end of a paste that was taken to have ended.
  if (sequence === pasteStart || sequence === pasteEnd) return null;
  if (sequence === '\u001b[I' || sequence === '\u001b[O') return { type: 'focus', isFocused: sequence.endsWith('I') };
  // Kitty's protocol: the key, the same shifted, the same in the layout of the US; modifiers, what happened; the text.
  // eslint-disable-next-line no-control-regex
  const letter = /^\u001b\[(\d{1,7}):\d*:(\d{1,7})(?:;(\d*)(?::(\d))?(?:;(\d{1,7}))?)?u$/.exec(sequence);
  if (letter) return letterEvent(letter);
  // Device attributes, the cursor's place, mode reports, cell and window sizes, graphics attributes, keyboard protocol flags.
  // eslint-disable-next-line no-control-regex
  if (/^\u001b\[(?:[?>=][\d;:]*c|\??[\d;]*\$y|[468];\d+;\d+t|\d+;\d+R|\?[\d;]*[Su])$/.test(sequence)) {
    return { type: 'reply', kind: 'csi', text: sequence.slice(2) };
  }
  const kind = stringKinds[sequence[1] as keyof typeof stringKinds];
  if (kind === undefined || sequence.length < 3) return undefined;
  const end = sequence.endsWith('\u0007') ? -1 : sequence.endsWith('\u001b\\') ? -2 : undefined;
  return end === undefined ? null : { type: 'reply', kind, text: sequence.slice(2, end) };
}
