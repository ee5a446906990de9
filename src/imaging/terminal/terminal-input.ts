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
  /** An answer to a query: a whole CSI sequence, or an OSC, DCS or APC string without its frame. */
  | { type: 'reply'; kind: 'csi' | 'osc' | 'dcs' | 'apc'; text: string };

const escape = '\u001b';
// Longer than any answer to what we ask; a "string" that never ends is dropped beyond it.
const longest = 4096;
const pasteStart = '\u001b[200~';
const pasteEnd = '\u001b[201~';
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

/**
 * Splits what a terminal sends into keys, which pass unchanged, and {@link TerminalEvent}s. Bracketed pastes pass
 * literally. Pure: the caller feeds text and tells when time has passed.
 */
export class InputSplitter {
  #held = '';
  #isPasting = false;

  /** Whether part of a sequence is waiting for the rest. */
  get isHolding(): boolean {
    return this.#held !== '';
  }

  /** @returns keys to pass on, and events found, in order */
  push(text: string): { keys: string; events: TerminalEvent[] } {
    const input = this.#held + text;
    this.#held = '';
    const events: TerminalEvent[] = [];
    let keys = '';
    let at = 0;
    while (at < input.length) {
      if (this.#isPasting) {
        const end = input.indexOf(pasteEnd, at);
        const to = end < 0 ? input.length : end + pasteEnd.length;
        keys += input.slice(at, to);
        // An end mark cut in two is found when its second half comes: hold what could be its beginning.
        if (end < 0) {
          const kept = tailOf(keys, pasteEnd);
          keys = keys.slice(0, keys.length - kept);
          this.#held = kept > 0 ? input.slice(input.length - kept) : '';
          break;
        }
        this.#isPasting = false;
        at = to;
        continue;
      }
      const next = input.indexOf(escape, at);
      keys += input.slice(at, next < 0 ? input.length : next);
      if (next < 0) break;
      const length = sequenceLength(input, next);
      if (length === 0) {
        this.#held = input.slice(next);
        break;
      }
      const sequence = input.slice(next, next + length);
      at = next + length;
      if (sequence === pasteStart) this.#isPasting = true;
      const event = eventOf(sequence);
      if (event === undefined) keys += sequence;
      else if (event !== null) events.push(event);
    }
    if (this.#held.length > longest && !this.#isPasting) this.#held = '';
    return { keys, events };
  }

  /**
   * Tells that nothing came for a moment: a lone Esc, or Esc with one character (Alt and a key), are keys after all.
   * @param isFinal also give up on longer beginnings (drop them)
   */
  expire(isFinal = false): string {
    if (this.#isPasting ? isFinal : this.#held.length <= 2) {
      const keys = this.#held;
      this.#held = '';
      return keys;
    }
    if (isFinal) this.#held = '';
    return '';
  }
}

/** How many characters at the end of `text` are a proper beginning of `mark`. */
function tailOf(text: string, mark: string): number {
  for (let length = Math.min(mark.length - 1, text.length); length > 0; length--) {
    if (text.endsWith(mark.slice(0, length))) return length;
  }
  return 0;
}

/** The length of the sequence at `at`, 0 when its end is still to come. */
function sequenceLength(input: string, at: number): number {
  const second = input[at + 1];
  if (second === undefined) return 0;
  if (second === escape) return 1;
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
  return 1 + String.fromCodePoint(input.codePointAt(at + 1)!).length;
}

/** The event of a whole sequence; null when it is noise to be dropped, undefined when it is a key. */
function eventOf(sequence: string): TerminalEvent | null | undefined {
  // eslint-disable-next-line no-control-regex
  const mouse = /^\u001b\[<(\d+);(\d+);(\d+)([Mm])$/.exec(sequence);
  if (mouse) return mouseEvent(Number(mouse[1]), Number(mouse[2]), Number(mouse[3]), mouse[4] === 'm') ?? null;
  if (sequence.startsWith('\u001b[M')) {
    const [code, column, row] = [3, 4, 5].map((place) => sequence.charCodeAt(place) - 32);
    return mouseEvent(code, column, row, (code & 67) === 3) ?? null;
  }
  if (sequence === '\u001b[I' || sequence === '\u001b[O') return { type: 'focus', isFocused: sequence.endsWith('I') };
  // Device attributes, mode reports, cell and window sizes, graphics attributes, keyboard protocol flags.
  // eslint-disable-next-line no-control-regex
  if (/^\u001b\[(?:[?>=][\d;:]*c|\??[\d;]*\$y|[468];\d+;\d+t|\?[\d;]*[Su])$/.test(sequence)) {
    return { type: 'reply', kind: 'csi', text: sequence.slice(2) };
  }
  const kind = stringKinds[sequence[1] as keyof typeof stringKinds];
  if (kind === undefined || sequence.length < 3) return undefined;
  const end = sequence.endsWith('\u0007') ? -1 : sequence.endsWith('\u001b\\') ? -2 : undefined;
  return end === undefined ? null : { type: 'reply', kind, text: sequence.slice(2, end) };
}
