/** Room -> rooms that it may import. */
export const rooms: Readonly<Record<string, readonly string[] | undefined>>;
/** The table as zones of import-x/no-restricted-paths. */
export function roomZones(): { target: string; from: string | string[]; except?: string[]; message: string }[];
