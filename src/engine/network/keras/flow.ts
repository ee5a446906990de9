import { extentOf, type Window } from '../../backend/kernels/index.ts';
import type { Bare, Shape } from '../layers/definition.ts';
import type { LayerSpecification } from '../layers/index.ts';

export type { Shape };

/** What flows from one layer to the next while a Keras model is translated. */
export interface Flow {
  /** Name of the layer of this program that it comes from, or `input`. */
  from: string;
  shape: Shape;
  /** Whether Keras has it as a list of values; this program keeps the positions, and a dense layer takes all of them. */
  flat: boolean;
  /** Zeros that Keras has put around it, and the window that comes next is to put there instead. */
  zeros?: Sides;
  /** Whether no value can be below zero. */
  nonNegative: boolean;
}

export interface Sides {
  top: number;
  bottom: number;
  left: number;
  right: number;
}

/** A layer without its name and its place. */
export type Row = LayerSpecification extends infer One ? (One extends LayerSpecification ? Bare<One> : never) : never;

/** What a layer is measured against a position: how many of them there are. */
export const positions = ({ shape }: Flow): number => shape[0] * shape[1];

/**
 * The padding of a window that does what zeros around its input and a window without padding do.
 * @returns undefined if there is none: the zeros are not the same on all sides, nor where `same` would put them
 */
export function paddingFor(flow: Flow, window: Omit<Window, 'padding'>): Window['padding'] | undefined {
  const { zeros, shape } = flow;
  if (!zeros) return 'valid';
  const { top, bottom, left, right } = zeros;
  if (top === bottom && left === right && top === left) return top;
  const rows = extentOf(shape[0], { ...window, padding: 'same' });
  const columns = extentOf(shape[1], { ...window, padding: 'same' });
  const same = rows.before === top && rows.after === bottom && columns.before === left && columns.after === right;
  return same ? 'same' : undefined;
}
