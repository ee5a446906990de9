import type { Rectangle } from '../../imaging/cells/cells.ts';
import type { PictureLayer } from '../../imaging/pictures/picture-layer.ts';
import { frameCells, type Frame } from '../frame/frame.ts';
import { memoize } from '../frame/memoize.ts';
import type { Store } from './store.ts';
import { dataView } from './view.ts';

/**
 * The part of the screen that shows a run: the painter's, not Ink's. Keys, live epochs and playback change most of its
 * cells, many of which have a colour of their own; a frame of Ink costs more processor time than all else a key does
 * (see docs/architecture.md).
 */
export class Canvas {
  readonly #store: Pick<Store, 'state' | 'subscribe'>;
  readonly #layer: Pick<PictureLayer, 'show'>;
  readonly #frameOf = memoize(dataView);
  #frame: Frame | undefined;
  #cover: Rectangle | undefined;
  #due: NodeJS.Immediate | undefined;

  constructor(store: Pick<Store, 'state' | 'subscribe'>, layer: Pick<PictureLayer, 'show'>) {
    this.#store = store;
    this.#layer = layer;
  }

  /** The frame that was painted last; nothing where the screen shows no run. */
  get frame(): Frame | undefined {
    return this.#frame;
  }

  /** Paints with every change of the state from now on, however many one turn brings. @returns ends that */
  follow(): () => void {
    const end = this.#store.subscribe(() => {
      this.#due ??= setImmediate(() => this.paint());
    });
    return () => {
      end();
      clearImmediate(this.#due);
    };
  }

  /** Leaves a dialog's place free from the next painting on. */
  readonly cover = (area: Rectangle | undefined): void => {
    this.#cover = area;
  };

  /** Paints now, in one update with what Ink has drawn in this turn. */
  paint(): void {
    clearImmediate(this.#due);
    this.#due = undefined;
    const { state } = this.#store;
    const frame = this.#frameOf(state);
    this.#frame = frame;
    const { pictures = [] } = frame ?? {};
    // Pictures are the layer's, those in characters too: nothing may stand below one in pixels, which may be smaller.
    const cells = frame && frameCells({ ...frame, pictures: [] }, state.theme);
    const overlays = frame && cells ? [{ row: 0, column: 0, ...frame.size, cells }] : [];
    this.#layer.show({ overlays, pictures, cover: this.#cover });
  }
}
