/** The way to a value: names of fields and places in lists. */
export type Path = readonly (string | number)[];

/** `layers[3].kernel` */
export const pathText = (path: Path): string =>
  path.map((part, depth) => (typeof part === 'number' ? `[${part}]` : depth > 0 ? `.${part}` : part)).join('');

/** A value that is not as its form says. What knows the file or the option makes a DeepviewError of it. */
export class ValidationError extends Error {
  readonly path: Path;
  /** To be read after the path, or by itself where that is empty. */
  readonly problem: string;
  readonly hint: string | undefined;
  /** Whether the field's name is meant, not its value. */
  readonly isAboutKey: boolean;
  /** In the text, where there is no path. */
  readonly offset: number | undefined;

  constructor(
    path: Path,
    problem: string,
    { hint, isAboutKey = false, offset }: { hint?: string | undefined; isAboutKey?: boolean; offset?: number } = {},
  ) {
    super(`${pathText(path)} ${problem}`);
    this.path = path;
    this.problem = problem;
    this.hint = hint;
    this.isAboutKey = isAboutKey;
    this.offset = offset;
  }
}
