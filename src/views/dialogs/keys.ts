import type { LayerRecord } from '../../engine/run/format.ts';
import { bindings, lists, stepKeys, type Outcome, type Place } from '../keys/binding.ts';
import { layerMetric } from '../../engine/metrics/index.ts';
import { findingsOf, toFinding } from '../model/findings.ts';
import { clocked, metricsOfRun, metricWords, withMetric } from '../model/metrics.ts';
import { revealed } from '../model/layer-rows.ts';
import { toLayer } from '../model/navigation.ts';
import type { RunModel } from '../model/run-model.ts';
import { layerNames, nameColumns } from '../text/layer-names.ts';
import { placeUnder, say, shownRun, takes, type Dialog, type ScreenState } from '../model/state.ts';
import { clamp } from '../model/steps.ts';

/** Whether a text has in it what was typed. */
export const matches = (text: string, typed: string): boolean =>
  text.toLocaleLowerCase().includes(typed.trim().toLocaleLowerCase());

/** Layers that find offers for what was typed: by index, name or label. */
const findChoices = (layers: readonly LayerRecord[], text: string): Choice[] =>
  layers
    .map((layer, row): Choice & { layer: LayerRecord } => ({
      layer,
      text: `${String(layer.index).padStart(3)} ${layerNames(layers, 'label', nameColumns)[row]}`,
      beside: layer.name === layer.label ? '' : layerNames(layers, 'name', nameColumns)[row],
      run: (state) => toLayer(revealed(state, row), row),
    }))
    .filter(({ layer: { index, name, label } }) => matches(`${index} ${name} ${label}`, text));

/** The run's metrics for what was typed: by symbol or label. */
const metricChoices = (run: RunModel, text: string): Choice[] =>
  metricsOfRun(run).flatMap((id) => {
    const { symbol, label, unit } = metricWords(run, id);
    const known = layerMetric(id);
    const meaning = known?.meaning ?? (unit ? `Recorded by the run, in ${unit}.` : 'Recorded by the run.');
    if (!matches(`${symbol} ${label}`, text)) return [];
    const having = run.epochs.filter(({ layers }) => Object.hasOwn(layers, id)).length;
    const some =
      having < run.epochs.length
        ? clocked(run, ` This run has it at ${having} of ${run.epochs.length} epochs; the others stay blank.`)
        : '';
    const choice = { text: `${symbol.padEnd(5)}${label}`, beside: known?.key ?? '', meaning: meaning + some };
    return [{ ...choice, run: (state: ScreenState) => withMetric(state, id) }];
  });

/** What was found of the run, for what was typed: by severity, words or layer. */
const findingChoices = (run: RunModel, text: string): Choice[] =>
  findingsOf(run).flatMap((finding): Choice[] => {
    const { severity, label, layers, means, tries } = finding;
    const beside = layers ? `layer ${layers[0]}` : '';
    if (!matches(`${severity} ${label} ${beside}`, text)) return [];
    const meaning = `${finding.text} ${means} Try: ${tries}`;
    return [{ text: `${severity.padEnd(8)}${label}`, beside, meaning, run: (state) => toFinding(state, finding) }];
  });

/** Characters that a dialog takes. */
const textMost = 60;

/** A dialog with a list: what was typed, and the position of the choice among what that leaves. */
type ListDialog = Extract<Dialog, { text: string }>;

const listOf = ({ dialog }: ScreenState): ListDialog | undefined => (dialog && 'text' in dialog ? dialog : undefined);

/** Whether what is typed or pasted goes into a text. */
export const takesText = (state: ScreenState): boolean => listOf(state) !== undefined;

const closed = (state: ScreenState): ScreenState => ({ ...state, dialog: undefined });

/** Text typed into a list's dialog; what was there may be cut first. */
export function typed(state: ScreenState, text: string, kept = Infinity): ScreenState {
  const list = listOf(state);
  if (!list) return state;
  const characters = Array.from(list.text).slice(0, kept).join('') + text;
  return { ...state, dialog: { ...list, text: characters.slice(0, textMost), choice: 0 } };
}

/** Whether there is an epoch to stop after. */
const canEndEpoch = (state: ScreenState): boolean => takes(state, 'stop-after-epoch');

/** Asks to stop the training, when that is pressed twice: epochs that are still to come, or the one at hand, are lost. */
function leaveWith(state: ScreenState, when: 'after-epoch' | 'now', text: string): Outcome {
  const armed = `stop-${when}` as const;
  if (!takes(state, armed)) return say(state, 'There is no epoch yet to stop after; x stops now.');
  if (state.dialog?.kind === 'leave' && state.dialog.armed !== armed) {
    return { ...state, dialog: { kind: 'leave', armed } };
  }
  return {
    state: { ...closed(state), ending: when, message: { text, tone: 'plain', isAsked: true } },
    effects: [{ type: 'send', command: { type: 'stop', when } }],
  };
}

/** One entry of a list: how it reads, a word at its right border, and what choosing it makes of the state. */
export interface Choice {
  text: string;
  beside: string;
  /** Said of it while it is chosen. */
  meaning?: string;
  run: (state: ScreenState) => Outcome;
}

/** The entries of the command palette at a place for what was typed. @param words a label as it is shown */
type Palette = (place: Place, text: string, words: (label: string) => string) => readonly Choice[];

/** What the open list offers for what was typed. */
export function choicesIn(state: ScreenState, palette: Palette): Choice[] {
  const list = listOf(state);
  if (!list) return [];
  const layers = shownRun(state).header?.network.layers ?? [];
  const found = {
    palette: () => palette(placeUnder(state), list.text, (label) => clocked(shownRun(state), label)),
    find: () => findChoices(layers, list.text),
    metrics: () => metricChoices(shownRun(state), list.text),
    findings: () => findingChoices(shownRun(state), list.text),
  }[list.kind]();
  return [...found];
}

/** Carries out one of the list's entries, by its place; without such an entry the list stays open. */
export function accepted(state: ScreenState, choices: readonly Choice[], place: number): Outcome {
  return choices[place]?.run(closed(state)) ?? state;
}

const close = { command: 'cancel', label: 'close', hint: ['esc', 'close'], run: closed } as const;

/** Whether a training can go on without the screen. */
const outlivesScreen = ({ control }: ScreenState): boolean => control !== 'inside';

/**
 * @param choicesOf what the open list offers
 * @param lastOffset how far the open dialog can be scrolled
 */
export function dialogKeys(
  choicesOf: (state: ScreenState) => readonly Choice[],
  lastOffset: (state: ScreenState) => number,
) {
  /** Not beyond the last line: the way back would begin with keys that do nothing. */
  const scrolled = (state: ScreenState, rows: number): ScreenState => {
    const { dialog } = state;
    if (!dialog || !('offset' in dialog)) return state;
    const last = lastOffset(state);
    const offset = clamp(Math.min(dialog.offset, last) + rows, 0, last);
    return offset === dialog.offset ? state : { ...state, dialog: { ...dialog, offset } };
  };
  /** The choice, which a shorter list may have left behind. */
  const chosen = (state: ScreenState): number => clamp(listOf(state)?.choice ?? 0, 0, choicesOf(state).length - 1);
  const moved = (state: ScreenState, step: number): ScreenState => {
    const list = listOf(state);
    const last = Math.max(0, choicesOf(state).length - 1);
    return list ? { ...state, dialog: { ...list, choice: clamp(chosen(state) + step, 0, last) } } : state;
  };
  const accept = (state: ScreenState): Outcome => accepted(state, choicesOf(state), chosen(state));
  const detach = (state: ScreenState): Outcome => {
    if (!outlivesScreen(state)) return say(state, 'It is trained in this process and ends with it: stop it, or stay.');
    // Where it is to be seen again is told on leaving, and known in a moment.
    if (!state.run.begun && !state.run.header) return say({ ...closed(state), ending: 'detached' }, 'Leaving…');
    return { state: closed(state), effects: [{ type: 'detach' }] };
  };
  return [
    ...bindings(
      ['leave'],
      [
        { command: 'cancel', keys: ['escape', 'c', 'q'], label: 'stay', hint: ['c', 'stay'], run: closed },
        {
          command: 'detach',
          keys: ['d', 'ctrl+c'],
          label: 'leave, training goes on',
          hint: ['d', 'leave'],
          isOffered: outlivesScreen,
          run: detach,
        },
        {
          command: 'stop-after-epoch',
          keys: ['s'],
          label: 'stop after this epoch',
          hint: ['s', 'stop after this epoch'],
          isOffered: canEndEpoch,
          run: (state) => leaveWith(state, 'after-epoch', 'Asked to stop after this epoch…'),
        },
        {
          command: 'stop-now',
          keys: ['x'],
          label: 'stop now; this epoch is lost',
          hint: ['x', 'stop now'],
          run: (state) => leaveWith(state, 'now', 'Asked to stop…'),
        },
      ],
    ),
    ...bindings(['help'], [{ ...close, keys: ['escape', '?', 'q', 'return', 'ctrl+c'] }]),
    ...bindings(['failure', 'message'], [{ ...close, keys: ['escape', 'return', 'q', 'ctrl+c'] }]),
    ...stepKeys(['help', 'failure', 'message'], scrolled, [
      { command: 'previous-choice', keys: ['up', 'k', 'pageup'], label: 'scroll up', by: -1 },
      { command: 'next-choice', keys: ['down', 'j', 'pagedown'], label: 'scroll down', by: 1 },
    ]),
    ...bindings(lists, [
      { ...close, keys: ['escape', 'ctrl+c'] },
      { command: 'accept', keys: ['return'], label: 'do it', hint: ['⏎', 'go'], run: accept },
      {
        command: 'erase',
        keys: ['backspace', 'delete'],
        label: 'erase a character',
        run: (state) => typed(state, '', -1),
      },
    ]),
    ...stepKeys(lists, moved, [
      {
        command: 'previous-choice',
        keys: ['up', 'shift+tab'],
        label: 'choice above',
        by: -1,
        hint: ['↑↓', 'choose'],
      },
      { command: 'next-choice', keys: ['down', 'tab'], label: 'choice below', by: 1 },
    ]),
  ];
}
