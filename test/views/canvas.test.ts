import { expect, it } from 'vitest';
import type { PictureFrame } from '../../src/imaging/pictures/picture-layer.ts';
import { Canvas } from '../../src/views/screen/canvas.ts';
import { initialState } from '../../src/views/model/state.ts';
import { neuronAnswers, toNeuron, usualNeuron } from './fake-neuron.ts';
import { after, fakeEvents } from './fake-run.ts';

it('leaves pictures to their layer: nothing stands below one that is smaller in pixels than in characters', () => {
  const live = { source: 'run', events: fakeEvents({ epochs: 12 }) } as const;
  const size = { source: 'resize', size: { columns: 120, rows: 40 } } as const;
  const opened = after([size, live, ...toNeuron(usualNeuron)], { ...initialState, control: 'own' });
  const shown: PictureFrame[] = [];
  const canvas = new Canvas(
    { state: after(neuronAnswers(usualNeuron), opened), subscribe: () => () => undefined },
    { show: (frame) => shown.push(frame) },
  );
  canvas.paint();
  const [{ overlays, pictures }] = shown;
  expect(pictures.length).toBeGreaterThan(3);
  const [{ cells }] = overlays;
  for (const { row, column, rows, columns } of pictures) {
    for (const line of cells.slice(row, row + rows)) {
      for (const cell of line.slice(column, column + columns)) expect(cell).toEqual({ text: ' ' });
    }
  }
});
