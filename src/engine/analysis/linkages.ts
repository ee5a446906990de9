/** In the order that the kernel counts them. A file of its own: what only names them need not load what joins. */
export const linkages = ['average', 'complete', 'single', 'ward'] as const;

/** How far two clusters are apart, given the distances of their members. `ward` is scipy's `ward` (Ward 2). */
export type Linkage = (typeof linkages)[number];
