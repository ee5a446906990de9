import { EventEmitter } from 'node:events';
import type { Size } from '../../../src/imaging/cells/cells.ts';

/** A terminal's stdout whose other end is an emulator, and which can be made to take nothing. */
export class FakeStdout extends EventEmitter {
  isTTY = true;
  destroyed = false;
  writableEnded = false;
  writableNeedDrain = false;
  columns: number;
  rows: number;
  sent: string[] = [];
  constructor({ columns, rows }: Size) {
    super();
    this.columns = columns;
    this.rows = rows;
  }
  write(data: string): boolean {
    this.sent.push(data);
    return !this.writableNeedDrain;
  }
}
