import type { Size } from '../../../src/imaging/cells/cells.ts';
import { Emulator } from './emulator.ts';

const answers: readonly (readonly [question: string, answer: string])[] = [
  ['\u001b[>q', '\u001bP>|Term(1.0)\u001b\\'],
  ['\u001bP$qm\u001b\\', '\u001bP1$r0;48:2::18:52:86m\u001b\\'],
  ['\u001b]11;?\u001b\\', '\u001b]11;rgb:ffff/ffff/ffff\u001b\\'],
  ['\u001b[16t', '\u001b[6;20;10t'],
  ['\u001b[6n', ''],
  ['\u001b[c', '\u001b[?62;22c'],
];

/** A terminal that answers when the test says so, and prints strings that it does not know, as old ones do. */
export class SlowEmulator extends Emulator {
  #asked = '';

  constructor(size: Size) {
    super(size);
    this.terminal.onData(() => undefined);
  }

  override write(data: string | Uint8Array): Promise<void> {
    const text = Buffer.from(data).toString('latin1');
    this.#asked += text;
    // Our emulator answers by itself what it gets; strings that it does not know are printed.
    const heard = answers.reduce((rest, [question]) => rest.replaceAll(question, ''), text);
    // eslint-disable-next-line no-control-regex
    const printed = heard.replace(/\u001b[_P]([^\u001b]*)\u001b\\/g, '$1').replaceAll('\u001b[?2026$p', 'p');
    return super.write(Buffer.from(printed, 'latin1'));
  }

  /** Whether everything has been asked that has not been answered. */
  get isAsked(): boolean {
    return this.#asked.includes('\u001b[c');
  }

  /** The answers to what was asked since this was called last. */
  answers(): string {
    const asked = this.#asked;
    this.#asked = '';
    return answers.flatMap(([question, answer]) => (asked.includes(question) ? [answer] : [])).join('');
  }
}
