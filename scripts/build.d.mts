/** Bundles the program. @param outdir where to; by default dist/ */
export function buildProgram(outdir?: string): Promise<void>;
