/** The text of docs/commands.md. */
export function commandsPage(): Promise<string>;
