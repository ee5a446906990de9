import { Box, type DOMElement } from 'ink';
import { use, useLayoutEffect, useMemo, useRef, type ReactElement, type ReactNode } from 'react';
import type { Rectangle } from '../../imaging/cells/cells.ts';
import { DialogView } from '../dialogs/dialog.tsx';
import { fitsMinimum } from '../frame/layout.ts';
import { Home } from '../home/home.tsx';
import { screenOf, type ScreenState } from '../model/state.ts';
import { LookContext } from '../text/row.tsx';
import { ClicksContext, ModalContext, rectangleOf, type Clicks } from './clicks.tsx';

export interface ScreenProps {
  state: ScreenState;
  clicks: Clicks;
  /** Told what a dialog lies over, as soon as it is laid out: the canvas leaves it free. */
  onCover: (cover: Rectangle | undefined) => void;
}

/** What Ink draws: the home screen and dialogs. Under a dialog, the views of a run are the painter's. */
export function Screen({ state, clicks, onCover }: ScreenProps): ReactElement {
  const { size, theme, dialog } = state;
  const look = useMemo(() => ({ size, theme }), [size, theme]);
  const fits = fitsMinimum(size);
  return (
    <LookContext value={look}>
      <ClicksContext value={clicks}>
        <Box width={size.columns} height={size.rows}>
          {fits && screenOf(state) === 'home' && <Home state={state} />}
          {fits && dialog && (
            <Modal onCover={onCover}>
              <DialogView state={state} dialog={dialog} />
            </Modal>
          )}
        </Box>
      </ClicksContext>
    </LookContext>
  );
}

/** Shows something in the middle of the screen, over everything else. */
function Modal({ onCover, children }: Pick<ScreenProps, 'onCover'> & { children: ReactNode }): ReactElement {
  const element = useRef<DOMElement>(null);
  const { columns, rows } = use(LookContext).size;
  useLayoutEffect(() => {
    if (element.current) onCover(rectangleOf(element.current));
    return () => onCover(undefined);
  });
  return (
    <ModalContext value={true}>
      <Box position="absolute" width={columns - 1} height={rows - 1} alignItems="center" justifyContent="center">
        <Box ref={element}>{children}</Box>
      </Box>
    </ModalContext>
  );
}
