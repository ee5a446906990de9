/**
 * How far each command of a list moves its cursor, in entries; whoever moves it keeps it within the list.
 * @param page rows of a page @param half rows of half a page @param across entries a row
 */
export function rowSteps(page: number, half: number, across = 1): Readonly<Partial<Record<string, number>>> {
  return {
    up: -across,
    down: across,
    'page-up': -across * page,
    'page-down': across * page,
    'half-page-up': -across * half,
    'half-page-down': across * half,
    'first-row': -Infinity,
    'last-row': Infinity,
  };
}
