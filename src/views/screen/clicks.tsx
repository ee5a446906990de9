import { Box, measureElement, type BoxProps, type DOMElement } from 'ink';
import { createContext, use, useLayoutEffect, useRef, type ReactElement, type ReactNode } from 'react';
import type { Rectangle } from '../../imaging/cells/cells.ts';
import { contains } from '../frame/frame.ts';
import type { Command } from '../keys/table.ts';

interface Area {
  element: DOMElement;
  command: Command;
  isModal: boolean;
}

/** Where an element lies on the screen. */
export function rectangleOf(element: DOMElement): Rectangle {
  const { x, y, width, height } = measureElement(element);
  return { row: y, column: x, rows: height, columns: width };
}

/** What can be clicked: the components on the screen say so while they are there. */
export class Clicks {
  readonly #areas = new Set<Area>();

  add(area: Area): () => void {
    this.#areas.add(area);
    return () => this.#areas.delete(area);
  }

  /** What a click on a cell asks for. @param isModal beside an open dialog nothing is clicked */
  commandAt(row: number, column: number, isModal: boolean): Command | undefined {
    return [...this.#areas].findLast(
      (area) => area.isModal === isModal && contains(rectangleOf(area.element), row, column),
    )?.command;
  }
}

export const ClicksContext = createContext(new Clicks());
/** Whether we are in a dialog. */
export const ModalContext = createContext(false);

/** A box that does something when it is clicked. */
export function Clickable({
  command,
  children,
  ...box
}: BoxProps & { command: Command; children: ReactNode }): ReactElement {
  const clicks = use(ClicksContext);
  const isModal = use(ModalContext);
  const element = useRef<DOMElement>(null);
  useLayoutEffect(
    () => (element.current ? clicks.add({ element: element.current, command, isModal }) : undefined),
    [clicks, command, isModal],
  );
  return (
    <Box ref={element} {...box}>
      {children}
    </Box>
  );
}
