/** In the order that the kernel counts them. In a file of its own: what only names a choice need not load what computes. */
export const linkages = ['average', 'complete', 'single', 'ward'] as const;

/** How far two clusters are apart, given the distances of their members. `ward` is scipy's `ward` (Ward 2). */
export type Linkage = (typeof linkages)[number];

/** The paper's numbers of clusters (section 3.2.2) and of facets (section 3.3). */
export const defaultClusters = 5;
export const defaultFacets = 10;
