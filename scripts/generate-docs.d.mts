/** Every document that is made, by its path. */
export function documents(): Promise<Record<string, string>>;
